package ops

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/vkdual/vkdual/runtime"
)

// A Tap is a row with its weight in a sum of rows.
type Tap struct {
	Row    int
	Weight float32
}

// WeightedRows is y[n,:] = Σ_k sums[n][k].Weight · x[sums[n][k].Row,:] of x [M,D]
// → [len(sums),D]: a sparse matrix that is known beforehand, times x. Tables of
// positions are resampled so.
func WeightedRows(r *runtime.Recorder, x runtime.Tensor, sums [][]Tap) runtime.Tensor {
	if !want(r, "WeightedRows", "x", x, runtime.F32, -1, -1) {
		return runtime.Tensor{}
	}
	taps := 1
	for _, s := range sums {
		taps = max(taps, len(s))
	}
	var index, weight []byte
	for n, s := range sums {
		for k := range taps {
			t := Tap{} // nothing of the first row
			if k < len(s) {
				t = s[k]
			}
			if t.Row < 0 || t.Row >= x.Dim(0) {
				r.Fail(fmt.Errorf("ops: WeightedRows: sum %d has row %d of %v", n, t.Row, x))
				return runtime.Tensor{}
			}
			index = binary.NativeEndian.AppendUint32(index, u32(t.Row))
			weight = binary.NativeEndian.AppendUint32(weight, math.Float32bits(t.Weight))
		}
	}
	y := r.Temp(runtime.F32, len(sums), x.Dim(1))
	r.Dispatch(runtime.Dispatch{
		Op: fmt.Sprintf("weighted rows %v", y.Shape()), Module: "weighted_rows",
		Push: []uint32{u32(y.Elems()), u32(taps), u32(x.Dim(1))}, Groups: elementwise(y.Elems()),
		Bind:  runtime.Bind(x, r.Constant(runtime.U32, index, len(sums), taps), r.Constant(runtime.F32, weight, len(sums), taps), y),
		FLOPs: 2 * float64(taps) * float64(y.Elems()),
	})
	return y
}
