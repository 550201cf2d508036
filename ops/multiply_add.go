package ops

import (
	"fmt"

	"github.com/vkdual/vkdual/runtime"
)

// MultiplyAdd is no part of a model: it keeps a device busy with nothing but
// multiply-adds, so that a run's rate is the most that any kernel could reach.
// Each x [n] begins eight chains, x to x + 7; a link of a chain takes v to v/2 + 3/8. y [n] is
// the sum of the eight after 16·turns links.
func MultiplyAdd(r *runtime.Recorder, x runtime.Tensor, turns int) runtime.Tensor {
	if !want(r, "MultiplyAdd", "x", x, runtime.F32, -1) {
		return runtime.Tensor{}
	}
	y := r.Temp(runtime.F32, x.Elems())
	r.Dispatch(runtime.Dispatch{
		Op: fmt.Sprintf("multiply-add %d×%d", x.Elems(), turns), Module: "multiply_add",
		Push: []uint32{u32(x.Elems()), u32(turns)}, Groups: elementwise(x.Elems()), Bind: runtime.Bind(x, y),
		FLOPs: float64(x.Elems()) * float64(turns) * 16 * 8 * 2,
	})
	return y
}
