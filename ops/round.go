package ops

import (
	"fmt"

	"github.com/vkdual/vkdual/runtime"
	"github.com/vkdual/vkdual/vk"
)

// round makes x the numbers that F16 or BF16 holds, in place: to nearest, ties
// to even, past the largest number to infinity (IEEE 754-2019, section 4.3.1).
// They stay f32 in memory.
func round(r *runtime.Recorder, x runtime.Tensor, to runtime.DType) {
	r.Dispatch(runtime.Dispatch{
		Op: fmt.Sprintf("round %v to %v", x.Shape(), to), Module: "round",
		Spec: []vk.Spec{{ID: 0, Value: flag(to == runtime.BF16)}},
		Push: []uint32{u32(x.Elems())}, Groups: elementwise(x.Elems()), Bind: runtime.Bind(x),
		FLOPs: float64(x.Elems()),
	})
}

// Computing makes every operation of a Recorder end by rounding its result to
// the type t, as frameworks do whose activations are of that type. F32 rounds
// nothing. What fuses into one dispatch is one operation, and so is attention;
// sums within an operation stay f32. With F16, kernels that multiply in f16 may
// be used: those on cooperative matrices. Q8 rounds no result: with it, linear
// layers whose weights are Q8 may round their inputs to integers of 8 bits with
// a scale for each 32 of a row, and whether one does is a matter of its kernel.
func Computing(t runtime.DType) runtime.RecordOption {
	switch t {
	case runtime.F32, runtime.Q8:
		return func(r *runtime.Recorder) {
			runtime.WithPrecision(t)(r)
			runtime.WithEpilogue(nil)(r)
		}
	case runtime.F16, runtime.BF16:
	default:
		panic(fmt.Sprintf("ops: computing in %v", t))
	}
	rounding := runtime.WithEpilogue(func(r *runtime.Recorder, y runtime.Tensor) {
		if y.DType() == runtime.F32 {
			round(r, y, t)
		}
	})
	return func(r *runtime.Recorder) {
		runtime.WithPrecision(t)(r)
		rounding(r)
	}
}
