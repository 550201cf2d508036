package ops

import (
	"fmt"

	"github.com/vkdual/vkdual/runtime"
)

// PairBias is y[0,h,i,j] = table[index[i,j],h] of table [R,H] and index [T,T]
// → [1,H,T,T]: a bias of attention that depends on how the key lies to the
// query. The index is not checked here.
func PairBias(r *runtime.Recorder, table, index runtime.Tensor) runtime.Tensor {
	t := index.Dim(0)
	if !want(r, "PairBias", "table", table, runtime.F32, -1, -1) || !want(r, "PairBias", "index", index, runtime.U32, -1, t) {
		return runtime.Tensor{}
	}
	heads := table.Dim(1)
	y := r.Temp(runtime.F32, 1, heads, t, t)
	r.Dispatch(runtime.Dispatch{
		Op: fmt.Sprintf("pair bias %v", y.Shape()), Module: "pair_bias",
		Push: []uint32{u32(y.Elems()), u32(t * t), u32(heads)}, Groups: elementwise(y.Elems()), Bind: runtime.Bind(table, index, y),
	})
	return y
}
