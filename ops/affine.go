package ops

import (
	"fmt"

	"github.com/vkdual/vkdual/runtime"
	"github.com/vkdual/vkdual/vk"
)

// Affine is x·weight (+ bias), element by element over the last dimension: x
// […,D], weight [D], bias [D] or absent → […,D]. Layer scale and MobileBERT's
// norm are such.
func Affine(r *runtime.Recorder, x, weight, bias runtime.Tensor) runtime.Tensor {
	d := x.Dim(-1)
	if !want(r, "Affine", "x", x, runtime.F32, x.Shape()...) || !want(r, "Affine", "weight", weight, runtime.F32, d) ||
		bias.Valid() && !want(r, "Affine", "bias", bias, runtime.F32, d) {
		return runtime.Tensor{}
	}
	shift := bias
	if !bias.Valid() {
		shift = weight // bound, never read
	}
	y := r.Temp(runtime.F32, x.Shape()...)
	r.Dispatch(runtime.Dispatch{
		Op: fmt.Sprintf("affine %v", x.Shape()), Module: "affine",
		Spec: []vk.Spec{{ID: 0, Value: flag(bias.Valid())}},
		Push: []uint32{u32(x.Elems()), u32(d)}, Groups: elementwise(x.Elems()), Bind: runtime.Bind(x, weight, shift, y),
		FLOPs: 2 * float64(x.Elems()),
	})
	return y
}
