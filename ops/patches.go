package ops

import (
	"fmt"

	"github.com/vkdual/vkdual/runtime"
)

// Patches cuts pixels [B,C,H,W] into patches of ph×pw → [B,(H/ph)·(W/pw),C·ph·pw].
// What is left over at the right and at the bottom is dropped, as a
// convolution with that stride drops it.
func Patches(r *runtime.Recorder, pixels runtime.Tensor, ph, pw int) runtime.Tensor {
	if !want(r, "Patches", "pixels", pixels, runtime.F32, -1, -1, -1, -1) {
		return runtime.Tensor{}
	}
	b, c, h, w := pixels.Dim(0), pixels.Dim(1), pixels.Dim(2), pixels.Dim(3)
	if ph < 1 || pw < 1 || ph > h || pw > w {
		r.Fail(fmt.Errorf("ops: Patches: patch %d×%d in a picture of %d×%d", ph, pw, h, w))
		return runtime.Tensor{}
	}
	y := r.Temp(runtime.F32, b, (h/ph)*(w/pw), c*ph*pw)
	r.Dispatch(runtime.Dispatch{
		Op: fmt.Sprintf("patches %v", y.Shape()), Module: "patches",
		Push:   []uint32{u32(y.Elems()), u32(c), u32(h), u32(w), u32(ph), u32(pw)},
		Groups: elementwise(y.Elems()), Bind: runtime.Bind(pixels, y),
	})
	return y
}
