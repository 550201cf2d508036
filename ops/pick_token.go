package ops

import (
	"fmt"

	"github.com/vkdual/vkdual/runtime"
	"github.com/vkdual/vkdual/vk"
)

// SelectFirst is the token of x [B,T,D] at the first place where ids [B,T] has
// id, and the first token of a sequence that has none → [B,D].
func SelectFirst(r *runtime.Recorder, x, ids runtime.Tensor, id uint32) runtime.Tensor {
	return pickToken(r, "SelectFirst", x, ids, false, id)
}

// SelectHighest is the token of x [B,T,D] at the first place where a sequence
// of ids [B,T] has its highest → [B,D].
func SelectHighest(r *runtime.Recorder, x, ids runtime.Tensor) runtime.Tensor {
	return pickToken(r, "SelectHighest", x, ids, true, 0)
}

func pickToken(r *runtime.Recorder, op string, x, ids runtime.Tensor, highest bool, id uint32) runtime.Tensor {
	b, t, d := x.Dim(0), x.Dim(1), x.Dim(2)
	if !want(r, op, "x", x, runtime.F32, -1, -1, -1) || !want(r, op, "ids", ids, runtime.U32, b, t) {
		return runtime.Tensor{}
	}
	y := r.Temp(runtime.F32, b, d)
	r.Dispatch(runtime.Dispatch{
		Op: fmt.Sprintf("pick token %v", y.Shape()), Module: "pick_token",
		Spec:   []vk.Spec{{ID: 0, Value: flag(highest)}},
		Push:   []uint32{u32(y.Elems()), u32(t), u32(d), id},
		Groups: elementwise(y.Elems()), Bind: runtime.Bind(x, ids, y),
	})
	return y
}
