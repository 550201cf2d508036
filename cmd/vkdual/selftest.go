package main

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/vkdual/vkdual/dualencoder"
	"github.com/vkdual/vkdual/dualencoder/defaultmodel"
	"github.com/vkdual/vkdual/dualencoder/imageprocessor"
	"github.com/vkdual/vkdual/dualencoder/imageprocessor/pillow"
	"github.com/vkdual/vkdual/internal/tolerance"
	"github.com/vkdual/vkdual/ops"
	"github.com/vkdual/vkdual/runtime"
)

type selftestCmd struct {
	deviceFlags
}

func (selftestCmd) Help() string {
	return "Runs every shader variant of the device against plain Go, and the model that comes with the program against PyTorch's numbers. " +
		"Says which kernels are in use and why (forced, the fastest of those timed, or the first in order), which cannot run here and which are switched off because they answer wrong. " +
		"The exit status is 1 where anything is wrong.\n\n" + examples(
		"vkdual selftest", "the default device",
		"vkdual selftest --device 1 --no-cache -v", "another, every kernel timed afresh, each check shown",
		"vkdual selftest --force attention,linear", "the model by kernels that any device can run",
	)
}

func (s selftestCmd) Run(ctx context.Context, c *console) (err error) {
	d, err := s.open(c)
	if err != nil {
		return err
	}
	defer func() { err = d.close(c, err) }()

	kernels := ops.Kernels(d.Device)
	if err := kernels.Decide(); err != nil {
		return err
	}
	right, wrong, err := s.shaders(ctx, c, d.Device)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.out, "Shaders against plain Go: %d right, %d wrong\n", right, wrong)
	worst, err := modelError(ctx, d.Device)
	off := printKernels(c.out, kernels)
	if err != nil {
		return fmt.Errorf("selftest: the model: %w", err)
	}
	fmt.Fprintf(c.out, "Model against PyTorch: logits differ by at most %.2g (allowed: %.2g + %.2g of each)\n", worst.difference, tolerance.Model, tolerance.Model)
	switch {
	case worst.beyond:
		return errors.New("selftest: the model's numbers are wrong on this device")
	case wrong > 0 || off > 0:
		return fmt.Errorf("selftest: %d checks of shaders failed, %d kernels are switched off on this device", wrong, off)
	}
	_, err = fmt.Fprintln(c.out, "All is well.")
	return err
}

// printKernels prints which kernels are in use and why the others are not, and
// returns how many of them answer wrong.
func printKernels(w io.Writer, k *ops.KernelSet) (wrong int) {
	fmt.Fprintln(w, "Kernels in use")
	for _, d := range k.Decisions() {
		fmt.Fprintln(w, " ", d)
	}
	fmt.Fprintln(w, "Kernels not in use")
	for _, e := range k.Excluded() {
		fmt.Fprintln(w, " ", e)
		if e.Wrong {
			wrong++
		}
	}
	return wrong
}

// shaders runs all checks of package ops.
func (s selftestCmd) shaders(ctx context.Context, c *console, d *runtime.Device) (right, wrong int, err error) {
	c.progress(-1, "checking", nil)
	defer c.done()
	err = ops.SelfTest(ctx, d, func(r ops.Result) bool {
		c.step(1)
		switch {
		case r.Err != nil || !(r.Error <= 1):
			wrong++
			c.note("WRONG: %v", r)
		default:
			right++
			if s.Verbose {
				c.note("right: %v", r)
			}
		}
		return true
	})
	return right, wrong, err
}

//go:embed selftest/reference.json selftest/rocket.png
var selftestFiles embed.FS

// deviation is how far logits are from what they should be.
type deviation struct {
	difference float64
	beyond     bool // the bound
}

// modelError classifies a picture with the model that comes with the program.
func modelError(ctx context.Context, d *runtime.Device) (worst deviation, err error) {
	var want struct {
		Picture string
		Labels  []string
		Logits  []float64 `json:"logits_per_image"`
	}
	data, err := selftestFiles.ReadFile("selftest/reference.json")
	if err != nil {
		return worst, err
	}
	if err := json.Unmarshal(data, &want); err != nil {
		return worst, err
	}
	m, err := dualencoder.OpenFS(d, defaultmodel.FS(), dualencoder.Options{Name: defaultmodel.Name})
	if err != nil {
		return worst, err
	}
	defer m.Close()
	classifier, err := m.NewClassifier(ctx, want.Labels, nil, dualencoder.EmbedOptions{})
	if err != nil {
		return worst, err
	}
	picture := imageprocessor.Source{Name: want.Picture, Load: func() (pillow.Picture, error) {
		data, err := selftestFiles.ReadFile("selftest/" + want.Picture)
		if err != nil {
			return nil, err
		}
		return pillow.Open(data, pillow.DecodeOptions{})
	}}
	for _, r := range classifier.Stream(ctx, slices.Values([]imageprocessor.Source{picture}), dualencoder.EmbedOptions{}) {
		if r.Err != nil {
			return worst, r.Err
		}
		for i, w := range want.Logits {
			e := math.Abs(float64(r.Logits[i]) - w)
			worst.difference = max(worst.difference, e)
			worst.beyond = worst.beyond || !(e <= tolerance.Model+tolerance.Model*math.Abs(w))
		}
	}
	return worst, nil
}
