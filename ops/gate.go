package ops

import (
	"fmt"

	"github.com/vkdual/vkdual/runtime"
)

// Gate is a(x₁)·x₂ of the two halves of x […,2·D] → […,D] (Shazeer, "GLU
// Variants Improve Transformer", 2020).
func Gate(r *runtime.Recorder, x runtime.Tensor, a Activation) runtime.Tensor {
	shape := x.Shape()
	if !want(r, "Gate", "x", x, runtime.F32, shape...) {
		return runtime.Tensor{}
	}
	if x.Dim(-1)%2 != 0 {
		r.Fail(fmt.Errorf("ops: Gate: x is %v, want two halves", x))
		return runtime.Tensor{}
	}
	d := x.Dim(-1) / 2
	shape[len(shape)-1] = d
	y := r.Temp(runtime.F32, shape...)
	r.Dispatch(runtime.Dispatch{
		Op: fmt.Sprintf("gate %v", y.Shape()), Module: "gate",
		Push: []uint32{u32(y.Elems()), u32(d), uint32(a)}, Groups: elementwise(y.Elems()), Bind: runtime.Bind(x, y),
		FLOPs: 9 * float64(y.Elems()),
	})
	return y
}
