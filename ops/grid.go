package ops

import (
	"fmt"

	"github.com/vkdual/vkdual/runtime"
)

// maxGroups is what every device allows in a dimension of a grid (Vulkan,
// required limits, maxComputeWorkGroupCount).
const maxGroups = 65535

// fold spreads n workgroups over two dimensions, as include/grid.glsl counts them.
func fold(n int) [3]int {
	y := ceil(n, maxGroups)
	return [3]int{ceil(n, y), y, 1}
}

// elementwise is a grid with an invocation for each of n elements, in
// workgroups of 64.
func elementwise(n int) [3]int { return fold(ceil(n, 64)) }

func ceil(n, d int) int { return (n + d - 1) / d }

// want fails r unless x is a tensor of the given dtype and shape; a dimension
// of -1 may have any length.
func want(r *runtime.Recorder, op, name string, x runtime.Tensor, t runtime.DType, shape ...int) bool {
	if r.Err() != nil {
		return false
	}
	ok := x.DType() == t && x.Rank() == len(shape)
	for i := 0; ok && i < len(shape); i++ {
		ok = shape[i] < 0 || x.Dim(i) == shape[i]
	}
	if !ok {
		r.Fail(fmt.Errorf("ops: %s: %s is %v, want %v%v", op, name, x, t, shape))
	}
	return ok
}

func u32(n int) uint32 { return uint32(n) }
