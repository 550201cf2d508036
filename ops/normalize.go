package ops

import (
	"fmt"

	"github.com/vkdual/vkdual/runtime"
)

// Normalize divides each row of x [N,D] by its L2 norm, without an epsilon → [N,D].
func Normalize(r *runtime.Recorder, x runtime.Tensor) runtime.Tensor {
	if !want(r, "Normalize", "x", x, runtime.F32, -1, -1) {
		return runtime.Tensor{}
	}
	y := r.Temp(runtime.F32, x.Shape()...)
	r.Dispatch(runtime.Dispatch{
		Op: fmt.Sprintf("normalize %v", y.Shape()), Module: "normalize",
		Push: []uint32{u32(x.Dim(0)), u32(x.Dim(1))}, Groups: fold(x.Dim(0)), Bind: runtime.Bind(x, y),
		FLOPs: 3 * float64(y.Elems()),
	})
	return y
}
