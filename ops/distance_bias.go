package ops

import (
	"fmt"
	"math"

	"github.com/vkdual/vkdual/runtime"
	"github.com/vkdual/vkdual/vk"
)

// DistanceInput is what DistanceBias works on.
type DistanceInput struct {
	QKV   runtime.Tensor // [B,T,3·D], as of AttentionInput
	Table runtime.Tensor // [2·N-1, D/Heads], N at least T: row N-1+n is of a query n tokens behind its key
	Heads int
	Keys  bool // the keys' products are added to the queries'
	Scale float32
}

// DistanceBias is y[b,h,i,j] = scale·(q[b,h,i] (+ k[b,h,j]))·table[N-1+i-j]
// → [B,Heads,T,T], a bias for Attention (Shaw et al., "Self-Attention with
// Relative Position Representations", 2018).
func DistanceBias(r *runtime.Recorder, in DistanceInput) runtime.Tensor {
	a := newAttention(r, "DistanceBias", AttentionInput{QKV: in.QKV, Heads: in.Heads})
	if a == nil || !want(r, "DistanceBias", "Table", in.Table, runtime.F32, -1, a.head()) {
		return runtime.Tensor{}
	}
	n := (in.Table.Dim(0) + 1) / 2
	if n < a.tokens {
		r.Fail(fmt.Errorf("ops: DistanceBias: %d tokens, the table holds distances of %d", a.tokens, n))
		return runtime.Tensor{}
	}
	y := r.Temp(runtime.F32, a.batch, a.Heads, a.tokens, a.tokens)
	r.Dispatch(runtime.Dispatch{
		Op: fmt.Sprintf("distance bias %v", y.Shape()), Module: "distance_bias",
		Spec:   []vk.Spec{{ID: 0, Value: flag(in.Keys)}},
		Push:   []uint32{u32(y.Elems()), u32(a.tokens), u32(a.Heads), u32(a.head()), u32(n - 1), math.Float32bits(in.Scale)},
		Groups: elementwise(y.Elems()), Bind: runtime.Bind(in.QKV, in.Table, y),
		FLOPs: 2 * float64(y.Elems()) * float64(a.head()),
	})
	return y
}
