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
	write := func(from, rows int, ends runtime.Tensor, at int) {
		n := b * rows * d
		r.Dispatch(runtime.Dispatch{
			Op: fmt.Sprintf("join tokens %v", y.Shape()), Module: "join_tokens",
			Spec:   []vk.Spec{{ID: 0, Value: flag(with.Positions.Valid())}},
			Push:   []uint32{u32(n), u32(from), u32(rows), u32(s + p + e), u32(s), u32(p), u32(at), u32(d)},
			Groups: elementwise(n), Bind: runtime.Bind(or(ends), x, or(with.Positions), y),
			FLOPs: float64(n),
		})
	}
	switch {
	case e == 0:
		write(0, s+p, with.Before, 0)
	case s == 0:
		write(0, p+e, with.After, s+p)
	default:
		write(0, s+p, with.Before, 0)
		write(s+p, e, with.After, s+p)
	}
	return y
}
