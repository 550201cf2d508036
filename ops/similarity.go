package ops

import (
	"fmt"
	"math"

	"github.com/vkdual/vkdual/runtime"
)

// Similarity is scale · a·bᵀ + bias of a [M,D] and b [N,D] → [M,N]. With a and b in
// the other order the result is the exact transpose.
func Similarity(r *runtime.Recorder, a, b runtime.Tensor, scale, bias float32) runtime.Tensor {
	m, n, d := a.Dim(0), b.Dim(0), a.Dim(1)
	if !want(r, "Similarity", "a", a, runtime.F32, -1, -1) || !want(r, "Similarity", "b", b, runtime.F32, -1, d) {
		return runtime.Tensor{}
	}
	y := r.Temp(runtime.F32, m, n)
	r.Dispatch(runtime.Dispatch{
		Op: fmt.Sprintf("similarity %d×%d×%d", m, d, n), Module: "similarity",
		Push:   []uint32{u32(m * n), u32(n), u32(d), math.Float32bits(scale), math.Float32bits(bias)},
		Groups: elementwise(m * n), Bind: runtime.Bind(a, b, y),
		FLOPs: 2 * float64(m) * float64(n) * float64(d),
	})
	return y
}
