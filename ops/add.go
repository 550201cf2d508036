package ops

import (
	"fmt"

	"github.com/vkdual/vkdual/runtime"
)

// Add is a + b, of one shape. Where either was just made by Linear, the sum
// becomes the last step of that dispatch, and that operand must not be used again.
func Add(r *runtime.Recorder, a, b runtime.Tensor) runtime.Tensor {
	if r.Err() != nil {
		return runtime.Tensor{}
	}
	if !want(r, "Add", "b", b, a.DType(), a.Shape()...) || !want(r, "Add", "a", a, runtime.F32, a.Shape()...) {
		return runtime.Tensor{}
	}
	if y, ok := fuseResidual(r, a, b); ok {
		return y
	}
	y := r.Temp(runtime.F32, a.Shape()...)
	recordAdd(r, a, b, y)
	return y
}

// recordAdd makes y, which may be a, the sum.
func recordAdd(r *runtime.Recorder, a, b, y runtime.Tensor) {
	r.Dispatch(runtime.Dispatch{
		Op: fmt.Sprintf("add %v", a.Shape()), Module: "add",
		Push: []uint32{u32(a.Elems())}, Groups: elementwise(a.Elems()), Bind: runtime.Bind(a, b, y),
		FLOPs: float64(a.Elems()),
	})
}
