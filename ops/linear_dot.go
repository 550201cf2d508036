package ops

import (
	"fmt"
	"slices"

	"github.com/vkdual/vkdual/runtime"
	"github.com/vkdual/vkdual/vk"
)

// block8 is the number of inputs of a row that share a scale where products are
// of 8-bit integers.
const block8 = 32

// dotProducts says what a device lacks for them.
func dotProducts(i *vk.Info) string {
	if !i.Features.IntegerDotProduct {
		return "integer dot products"
	}
	return fiveBuffers(i)
}

// integers takes layers whose weights are of 8 bits and whose inputs may be
// rounded to as many.
func integers(_ *runtime.Device, l *linear) bool {
	return l.w.dtype == runtime.Q8 && l.compute == runtime.Q8
}

// dots are the rows of C that a workgroup of linear_dot computes, of 64 columns.
type dots int

func (rows dots) linear(module string) func(*runtime.Recorder, *linear) {
	return func(r *runtime.Recorder, l *linear) {
		x := quantizeRows(r, l.x, l.rows(), l.w.In)
		if r.Err() != nil {
			return
		}
		t := tiles{rows: int(rows), columns: 64}
		t.record(r, l, module, func(d *runtime.Dispatch) {
			d.Spec = append(d.Spec, vk.Spec{ID: 4, Value: flag(l.w.Out%4 == 0)})
			d.Bind[0] = runtime.Bind(x)[0] // whole: the kernel finds its rows
		})
	}
}

// quantizeRows makes x [m,k] integers of 8 bits with a scale for each 32 of a
// row, in the layout of shaders/README.md: [⌈k/32⌉,9,⌈m/4⌉·4] words.
func quantizeRows(r *runtime.Recorder, x runtime.Tensor, m, k int) runtime.Tensor {
	blocks := ceil(k, block8)
	y := r.Temp(runtime.U32, blocks, 9, ceil(m, 4)*4)
	r.Dispatch(runtime.Dispatch{
		Op: fmt.Sprintf("quantize %d×%d", m, k), Module: "quantize_rows",
		Spec: []vk.Spec{{ID: 0, Value: flag(k%4 == 0)}},
		Push: []uint32{u32(m), u32(k)}, Groups: elementwise(m * blocks), Bind: runtime.Bind(x, y),
		FLOPs: 3 * float64(m) * float64(k),
	})
	return y
}

// tellUnrounded says once that linear layers of a class keep their inputs as they
// are though Q8 was allowed: that it was is not to be passed over in silence.
func (s *KernelSet) tellUnrounded(class, name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.unrounded[""] || s.unrounded[class] {
		return
	}
	if slices.ContainsFunc(s.linears.able, func(k kernel[*linear]) bool { return k.rounds }) {
		s.unrounded[class] = true
		s.dev.Log().Info("these linear layers keep their inputs in f32, as the best kernel here takes them: computing in q8 does not demand otherwise", "layers", class, "kernel", name)
		return
	}
	s.unrounded[""] = true
	first := slices.IndexFunc(s.excluded, func(e Exclusion) bool { return e.Kernel == "linear_dot" })
	s.dev.Log().Info("computing in q8 changes nothing on this device: linear layers keep their inputs in f32", "linear_dot", s.excluded[first].Why)
}
