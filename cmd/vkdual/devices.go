package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/vkdual/vkdual/runtime"
)

type devicesCmd struct {
	JSON   bool   `name:"json" help:"Print one JSON array with all that was probed."`
	Device string `placeholder:"N|NAME" env:"VKDUAL_DEVICE" help:"Say what this choice would pick."`
	kernelFlags
	verboseFlag
}

func (devicesCmd) Help() string {
	return examples(
		"vkdual devices", "a table",
		"vkdual devices --json", "everything that was probed, for programs",
		"vkdual devices --device llvmpipe", "what --device llvmpipe would pick",
	)
}

func (d devicesCmd) Run(c *console) error {
	o := runtime.Options{Device: d.Device, Log: c.log(d.Verbose)}
	if err := d.kernelFlags.set(&o.Switches); err != nil {
		return err
	}
	all, err := runtime.List(o)
	if err != nil {
		return err
	}
	if d.JSON {
		reports := make([]deviceReport, len(all))
		for i, x := range all {
			reports[i] = report(x)
			reports[i].addKernels(o)
		}
		return jsonIndented(c.out, reports)
	}
	for i, x := range all {
		if i > 0 {
			fmt.Fprintln(c.out)
		}
		if err := printDevice(c, x, o); err != nil {
			return err
		}
	}
	return nil
}

// printDevice prints one device as a block of lines.
func printDevice(c *console, x runtime.Candidate, o runtime.Options) error {
	r := report(x)
	r.addKernels(o)
	mark := " "
	if r.Picked {
		mark = "*"
	}
	fmt.Fprintf(c.out, "%s %d  %s\n", mark, r.Index, r.Name)
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	row := func(name, format string, args ...any) {
		fmt.Fprintf(w, "     %s\t%s\n", name, fmt.Sprintf(format, args...))
	}
	verdict := "not picked"
	if r.Picked {
		verdict = "picked"
	}
	row("choice", "%s: %s", verdict, r.Why)
	row("type", "%s", r.Type)
	row("driver", "%s", r.driver())
	row("Vulkan", "%s", r.Vulkan)
	row("memory", "%s", r.memory())
	row("limits", "workgroup %d, shared %d KiB, push constants %d B, storage buffers %d a stage",
		r.Limits.WorkgroupInvocations, r.Limits.SharedMemoryBytes>>10, r.Limits.PushConstantsBytes, r.Limits.StorageBuffersPerStage)
	row("", "storage range %s, texel buffer %d texels, image %d², allocation %s",
		runtime.MiB(r.Limits.StorageBufferRangeBytes), r.Limits.TexelBufferElements, r.Limits.Image2D, runtime.MiB(r.Limits.AllocationBytes))
	row("subgroup", "%s", r.Subgroup)
	row("features", "%s", orNone(strings.Join(r.Features, " ")))
	row("matrices", "%s", orNone(strings.Join(r.CooperativeMatrices, ", ")))
	dots := "none"
	switch {
	case r.DotAccelerated:
		dots = "accelerated"
	case x.Info.Features.IntegerDotProduct:
		dots = "not accelerated"
	}
	row("8-bit dots", "%s", dots)
	for i, k := range r.Kernels {
		name := ""
		if i == 0 {
			name = "kernels"
		}
		row(name, "%s: %s (%s)", k.For, k.Kernel, k.Why)
	}
	if r.KernelsError != "" {
		row("kernels", "none: %s", r.KernelsError)
	}
	return w.Flush()
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}
