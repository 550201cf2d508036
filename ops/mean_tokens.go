package ops

import (
	"fmt"

	"github.com/vkdual/vkdual/runtime"
)

// MeanTokens is the mean of x[:,first:,:] over the tokens, of x [B,T,D] → [B,D].
func MeanTokens(r *runtime.Recorder, x runtime.Tensor, first int) runtime.Tensor {
	if !want(r, "MeanTokens", "x", x, runtime.F32, -1, -1, -1) {
		return runtime.Tensor{}
	}
	if first < 0 || first >= x.Dim(1) {
		r.Fail(fmt.Errorf("ops: MeanTokens: from token %d of %v", first, x))
		return runtime.Tensor{}
	}
	y := r.Temp(runtime.F32, x.Dim(0), x.Dim(2))
	r.Dispatch(runtime.Dispatch{
		Op: fmt.Sprintf("mean of tokens %v", x.Shape()), Module: "mean_tokens",
		Push:   []uint32{u32(y.Elems()), u32(x.Dim(1)), u32(x.Dim(2)), u32(first)},
		Groups: elementwise(y.Elems()), Bind: runtime.Bind(x, y),
		FLOPs: float64(x.Elems()),
	})
	return y
}
