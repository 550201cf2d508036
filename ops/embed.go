package ops

import (
	"fmt"

	"github.com/vkdual/vkdual/runtime"
	"github.com/vkdual/vkdual/vk"
)

// Embed is table[ids] (+ base): table [V,D], ids [B,T], base
// [B,T,D] or absent → [B,T,D]. Ids are not checked here: whoever writes the
// input holds them to V, since an id beyond it reads nothing.
func Embed(r *runtime.Recorder, base runtime.Tensor, table Table, ids runtime.Tensor) runtime.Tensor {
	if r.Err() != nil {
		return runtime.Tensor{}
	}
	rows, width, stride := table.Rows, table.Width, table.rows.Dim(1)
	if !want(r, "Embed", "table", table.rows, table.rows.DType(), -1, -1) || !want(r, "Embed", "ids", ids, runtime.U32, -1, -1) {
		return runtime.Tensor{}
	}
	shape := []int{ids.Dim(0), ids.Dim(1), width}
	if base.Valid() && !want(r, "Embed", "base", base, runtime.F32, shape...) {
		return runtime.Tensor{}
	}
	y := r.Temp(runtime.F32, shape...)
	module := "embed"
	if table.dtype != runtime.F32 {
		module += "_" + table.dtype.String()
	}
	first := base
	if !base.Valid() {
		first = table.rows // bound, never read
	}
	n := u32(y.Elems())
	step := rowsPerBinding(r.Device(), table.rows)
	for at := 0; at < rows; at += step {
		some := min(step, rows-at)
		bind := runtime.Bind(ids, table.rows, first, y)
		bind[1].First, bind[1].Count = at*stride, some*stride
		if !base.Valid() {
			bind[2] = bind[1]
		}
		r.Dispatch(runtime.Dispatch{
			Op: fmt.Sprintf("embed %v of %d", y.Shape(), rows), Module: module,
			Spec: []vk.Spec{{ID: 0, Value: flag(base.Valid())}},
			Push: []uint32{n, u32(width), u32(at), u32(some)}, Groups: elementwise(y.Elems()), Bind: bind,
			FLOPs: float64(y.Elems()),
			Bytes: ids.Bytes() + y.Bytes() + uint64(y.Elems()/width*stride*table.rows.DType().Size()), // few of the rows that are bound
		})
	}
	return y
}

// rowsPerBinding is how many rows of a table one binding may hold: a vocabulary
// can be larger than a device's largest range. The ranges start at multiples
// of 256 bytes, which is what the strictest device asks for.
func rowsPerBinding(d *runtime.Device, table runtime.Tensor) int {
	row := table.Dim(1) * table.DType().Size()
	most := int(min(d.Info().Limits.MaxStorageBufferRange, 1<<31)) / row
	if most >= table.Dim(0) {
		return table.Dim(0)
	}
	return max(most/256*256, 1)
}

func flag(b bool) uint32 {
	if b {
		return 1
	}
	return 0
}
