package ops

import (
	"fmt"

	"github.com/vkdual/vkdual/runtime"
)

// PrependTokens puts tokens [S,D] before x [B,P,D] and adds positions [S+P,D]
// → [B,S+P,D].
func PrependTokens(r *runtime.Recorder, tokens, x, positions runtime.Tensor) runtime.Tensor {
	s, b, p, d := tokens.Dim(0), x.Dim(0), x.Dim(1), x.Dim(2)
	if !want(r, "PrependTokens", "x", x, runtime.F32, -1, -1, -1) ||
		!want(r, "PrependTokens", "tokens", tokens, runtime.F32, -1, d) ||
		!want(r, "PrependTokens", "positions", positions, runtime.F32, s+p, d) {
		return runtime.Tensor{}
	}
	y := r.Temp(runtime.F32, b, s+p, d)
	r.Dispatch(runtime.Dispatch{
		Op: fmt.Sprintf("prepend tokens %v", y.Shape()), Module: "prepend_tokens",
		Push:   []uint32{u32(y.Elems()), u32(s), u32(p), u32(d)},
		Groups: elementwise(y.Elems()), Bind: runtime.Bind(tokens, x, positions, y),
		FLOPs: float64(y.Elems()),
	})
	return y
}
