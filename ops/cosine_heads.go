package ops

import (
	"fmt"
	"math"

	"github.com/vkdual/vkdual/runtime"
)

// CosineHeads prepares QKV [B,T,3·D] for attention by cosine → [B,T,3·D]: in each
// head the queries and keys are divided by their L2 norms, and the queries
// multiplied by exp(min(logScale, most)) of logScale [heads]. Attention with a
// scale of 1 then has scaled cosines as its scores (Liu et al., "Swin
// Transformer V2", 2022, section 3.3).
func CosineHeads(r *runtime.Recorder, qkv, logScale runtime.Tensor, most float64) runtime.Tensor {
	heads := logScale.Elems()
	if !want(r, "CosineHeads", "qkv", qkv, runtime.F32, -1, -1, -1) || !want(r, "CosineHeads", "logScale", logScale, runtime.F32, logScale.Shape()...) {
		return runtime.Tensor{}
	}
	if qkv.Dim(2)%(3*heads) != 0 {
		r.Fail(fmt.Errorf("ops: CosineHeads: width %d in 3·%d heads", qkv.Dim(2), heads))
		return runtime.Tensor{}
	}
	width := qkv.Dim(2) / (3 * heads)
	y := r.Temp(runtime.F32, qkv.Shape()...)
	r.Dispatch(runtime.Dispatch{
		Op: fmt.Sprintf("cosine heads %v", y.Shape()), Module: "cosine_heads",
		Push:   []uint32{u32(y.Elems() / width), u32(heads), u32(width), math.Float32bits(float32(most))},
		Groups: elementwise(y.Elems() / width), Bind: runtime.Bind(qkv, logScale, y),
		FLOPs: 3 * float64(y.Elems()),
	})
	return y
}
