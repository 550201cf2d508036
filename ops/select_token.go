package ops

import (
	"fmt"

	"github.com/vkdual/vkdual/runtime"
)

// SelectToken is x[:,t,:] of x [B,T,D] → [B,D].
func SelectToken(r *runtime.Recorder, x runtime.Tensor, t int) runtime.Tensor {
	if !want(r, "SelectToken", "x", x, runtime.F32, -1, -1, -1) {
		return runtime.Tensor{}
	}
	if t < 0 || t >= x.Dim(1) {
		r.Fail(fmt.Errorf("ops: SelectToken: token %d of %v", t, x))
		return runtime.Tensor{}
	}
	y := r.Temp(runtime.F32, x.Dim(0), x.Dim(2))
	r.Dispatch(runtime.Dispatch{
		Op: fmt.Sprintf("select token %v", y.Shape()), Module: "select_token",
		Push:   []uint32{u32(y.Elems()), u32(x.Dim(1)), u32(x.Dim(2)), u32(t)},
		Groups: elementwise(y.Elems()), Bind: runtime.Bind(x, y),
	})
	return y
}
