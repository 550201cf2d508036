package ops

import (
	"context"
	"errors"
	"fmt"

	"github.com/vkdual/vkdual/runtime"
)

// SelfTest holds every kernel that d can run, chosen or not, against package
// ref, and yields each result as it comes. A kernel that lacks something here
// is not run; Kernels says so.
func SelfTest(ctx context.Context, d *runtime.Device, yield func(Result) bool) error {
	var all []trial
	all = append(all, runnable(d, linearFamily)...)
	all = append(all, runnable(d, attentionFamily)...)
	all = append(all, runnable(d, layerNormFamily)...)
	all = append(all, singleTrials()...)
	for _, t := range all {
		if err := ctx.Err(); err != nil {
			return err
		}
		res := t.run(d)
		if errors.Is(res.Err, errNotTaken) {
			continue
		}
		if !yield(res) {
			return nil
		}
	}
	return nil
}

func runnable[Op any](d *runtime.Device, f family[Op]) []trial {
	var ts []trial
	for _, k := range f.kernels {
		if k.needs == nil || k.needs(d.Info()) == "" {
			samples := f.samples
			if k.spare(d) != "" && f.edges != nil {
				samples = f.edges
			}
			for _, s := range samples() {
				ts = append(ts, s.of(k))
			}
		}
	}
	return ts
}

func (r Result) String() string {
	if r.Err != nil {
		return fmt.Sprintf("%s %s: %v", r.Kernel, r.Size, r.Err)
	}
	return fmt.Sprintf("%s %s: error %.2g of what is allowed", r.Kernel, r.Size, r.Error)
}
