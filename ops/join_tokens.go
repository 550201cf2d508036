package ops

import (
	"fmt"

	"github.com/vkdual/vkdual/runtime"
	"github.com/vkdual/vkdual/vk"
)

// Joined are the parts of JoinTokens beside the sequences themselves; each may
// be absent.
type Joined struct {
	Before    runtime.Tensor // [S,D]
	After     runtime.Tensor // [E,D]
	Positions runtime.Tensor // [S+P+E,D]
}

// JoinTokens puts tokens before and after each sequence of x [B,P,D] and adds
// positions → [B,S+P+E,D].
func JoinTokens(r *runtime.Recorder, x runtime.Tensor, with Joined) runtime.Tensor {
	if !want(r, "JoinTokens", "x", x, runtime.F32, -1, -1, -1) {
		return runtime.Tensor{}
	}
	s, b, p, e, d := with.Before.Dim(0), x.Dim(0), x.Dim(1), with.After.Dim(0), x.Dim(2)
	for _, part := range []struct {
		name string
		of   runtime.Tensor
		rows int
	}{{"before", with.Before, s}, {"after", with.After, e}, {"positions", with.Positions, s + p + e}} {
		if part.of.Valid() && !want(r, "JoinTokens", part.name, part.of, runtime.F32, part.rows, d) {
			return runtime.Tensor{}
		}
	}
	or := func(t runtime.Tensor) runtime.Tensor {
		if !t.Valid() {
			return x // bound, never read
		}
		return t
	}
	y := r.Temp(runtime.F32, b, s+p+e, d)
	r.Dispatch(runtime.Dispatch{
		Op: fmt.Sprintf("join tokens %v", y.Shape()), Module: "join_tokens",
		Spec:   []vk.Spec{{ID: 0, Value: flag(with.Positions.Valid())}},
		Push:   []uint32{u32(y.Elems()), u32(s), u32(p), u32(e), u32(d)},
		Groups: elementwise(y.Elems()), Bind: runtime.Bind(or(with.Before), x, or(with.After), or(with.Positions), y),
		FLOPs: float64(y.Elems()),
	})
	return y
}
