package ops

import (
	"encoding/binary"
	"fmt"

	"github.com/vkdual/vkdual/runtime"
)

// NoRow in the index of GatherRows gives a row of zeros.
const NoRow = 1<<32 - 1

// GatherRows is y[b,n,:] = x[b,index[n],:] of x [B,T,D] → [B,len(index),D]: the
// same choice of rows for every element of the batch. Windows, shifts, padding
// and patch merging are such choices.
func GatherRows(r *runtime.Recorder, x runtime.Tensor, index []uint32) runtime.Tensor {
	if !want(r, "GatherRows", "x", x, runtime.F32, -1, -1, -1) {
		return runtime.Tensor{}
	}
	data := make([]byte, 0, 4*len(index))
	for n, at := range index {
		if at != NoRow && int(at) >= x.Dim(1) {
			r.Fail(fmt.Errorf("ops: GatherRows: index %d is row %d of %v", n, at, x))
			return runtime.Tensor{}
		}
		data = binary.NativeEndian.AppendUint32(data, at)
	}
	y := r.Temp(runtime.F32, x.Dim(0), len(index), x.Dim(2))
	r.Dispatch(runtime.Dispatch{
		Op: fmt.Sprintf("gather rows %v", y.Shape()), Module: "gather_rows",
		Push:   []uint32{u32(y.Elems()), u32(x.Dim(1)), u32(len(index)), u32(x.Dim(2))},
		Groups: elementwise(y.Elems()), Bind: runtime.Bind(x, r.Constant(runtime.U32, data, len(index)), y),
	})
	return y
}
