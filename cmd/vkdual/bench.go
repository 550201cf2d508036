package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/vkdual/vkdual/runtime"
)

type benchCmd struct {
	Work    string `arg:"" enum:"matmul,vit-b16,bert-base,clip-b32,clip-bert,peak,all" default:"all" help:"${enum}. Default: ${default}."`
	Batch   int    `group:"device" default:"1" placeholder:"N" help:"Pictures or texts at once; of matmul, times 197 rows (${default})."`
	Length  int    `default:"32" placeholder:"N" help:"Tokens of a text, for bert-base and clip-bert (${default})."`
	Runs    int    `placeholder:"N" help:"Timed runs. Default: for a second, and at least 5."`
	DType   string `name:"dtype" group:"device" enum:"f32,f16,bf16,q8,q4" default:"f32" help:"How weights are held on the device: ${enum}."`
	Compute string `name:"compute" group:"device" enum:"f32,f16,bf16,q8" default:"f32" help:"The type of activations, as embed has it: ${enum}."`
	JSON    bool   `name:"json" help:"One JSON line for each work."`
	deviceFlags
}

func (benchCmd) Help() string {
	return "Runs work of known models' shapes with random weights, and gives medians over runs after a warm-up. " +
		"matmul is [197,768]·[768,3072], as in ViT-B/16; vit-b16 and clip-b32 are a picture at 224, bert-base a text, " +
		"clip-bert one of each, to the logits; peak is multiply-adds alone, the most that the device could do. " +
		"host is the time of a run spent in this program, without waiting for the device.\n\n" + examples(
		"vkdual bench", "everything, as a table",
		"vkdual bench vit-b16 --batch 8 --json", "one JSON line",
		"vkdual bench bert-base --length 128 --profile", "where the time goes",
	)
}

func (b benchCmd) Run(ctx context.Context, c *console) (err error) {
	if err := b.check(); err != nil {
		return err
	}
	d, err := b.open(c)
	if err != nil {
		return err
	}
	d.fleet.profile = false // but after each work
	defer func() { err = d.close(c, err) }()
	for i, w := range b.works() {
		p, err := w.plan(d.Device, b)
		if err != nil {
			return err
		}
		m, err := measure(ctx, p.program, b.Runs)
		if err == nil {
			err = b.print(c, d.Device, w, m, p, i == 0)
		}
		p.close()
		if err != nil {
			return err
		}
	}
	return nil
}

func (b benchCmd) check() error {
	switch {
	case b.Batch < 1:
		return usagef("--batch %d: want 1 or more", b.Batch)
	case b.Length < 1 || b.Length > 512:
		return usagef("--length %d: BERT-base takes 1 to 512 tokens", b.Length)
	case b.Runs < 0:
		return usagef("--runs %d: want 1 or more", b.Runs)
	}
	return numberFlags{DType: b.DType, Compute: b.Compute}.check()
}

func (b benchCmd) works() []work {
	all := works()
	if b.Work == "all" {
		return all
	}
	return slices.DeleteFunc(all, func(w work) bool { return w.name != b.Work })
}

// benchReport is what is told of a work.
type benchReport struct {
	Work        string  `json:"work"`
	Batch       int     `json:"batch"`
	Length      int     `json:"length"` // tokens; 0 for works without
	Device      string  `json:"device"`
	Driver      string  `json:"driver"`
	Runs        int     `json:"runs"`
	MedianMS    float64 `json:"median_ms"`
	MinMS       float64 `json:"min_ms"`
	GFLOPS      float64 `json:"gflops"`
	HostUS      float64 `json:"host_us"`
	Allocs      int     `json:"allocs"` // Go allocations a run
	DeviceBytes uint64  `json:"device_bytes"`
}

func (b benchCmd) print(c *console, d *runtime.Device, w work, m measured, p planned, first bool) error {
	r := benchReport{
		Work: w.name, Batch: b.Batch,
		Device: d.Info().Name, Driver: deviceReport{Driver: d.Info().DriverName, DriverInfo: d.Info().DriverInfo, DriverVersion: d.Info().DriverVersion}.driver(),
		Runs: m.runs, MedianMS: rounded(m.median), MinMS: rounded(m.min), HostUS: rounded(m.host * 1e3), Allocs: m.allocs,
		GFLOPS: rounded(p.program.Stats().FLOPs / m.median / 1e6), DeviceBytes: d.UsedBytes(),
	}
	if w.texts {
		r.Length = b.Length
	}
	if b.JSON {
		if err := jsonLine(c.out, r); err != nil {
			return err
		}
	} else {
		if first {
			fmt.Fprintf(c.out, "%-10s %5s %6s %5s %10s %10s %8s %8s %6s %10s\n",
				"work", "batch", "length", "runs", "median ms", "min ms", "GFLOPS", "host µs", "allocs", "device")
		}
		fmt.Fprintf(c.out, "%-10s %5d %6d %5d %10.2f %10.2f %8.1f %8.1f %6d %10s\n",
			r.Work, r.Batch, r.Length, r.Runs, r.MedianMS, r.MinMS, r.GFLOPS, r.HostUS, r.Allocs, runtime.MiB(r.DeviceBytes))
	}
	if !b.Profile {
		return nil
	}
	to := c.out
	if b.JSON {
		to = c.err
	}
	_, err := fmt.Fprintln(to, profileTable(runtime.Sum(p.program.Profile())))
	return err
}
