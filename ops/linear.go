package ops

import (
	"fmt"

	"github.com/vkdual/vkdual/runtime"
	"github.com/vkdual/vkdual/vk"
)

// linear is a linear layer that waits for an activation or a sum to join it.
type linear struct {
	x, y     runtime.Tensor
	w        Matrix
	compute  runtime.DType // what x may be rounded to
	gpu      bool          // the device is one
	act      Activation
	residual runtime.Tensor // absent, or of y's shape
}

// Linear is x·Wᵀ + bias of x […,In] → […,Out].
func Linear(r *runtime.Recorder, x runtime.Tensor, m Matrix) runtime.Tensor {
	if r.Err() != nil {
		return runtime.Tensor{}
	}
	if x.DType() != runtime.F32 || x.Dim(-1) != m.In {
		r.Fail(fmt.Errorf("ops: Linear: x is %v, want f32[… %d]", x, m.In))
		return runtime.Tensor{}
	}
	shape := x.Shape()
	shape[len(shape)-1] = m.Out
	y := r.Temp(runtime.F32, shape...)
	r.Postpone(&linear{x: x, y: y, w: m, compute: r.Precision(), gpu: onGPU(r)})
	return y
}

func onGPU(r *runtime.Recorder) bool { return r.Device().Info().Type != vk.CPU }

// Flush records the layer.
func (l *linear) Flush(r *runtime.Recorder) {
	kernels := Kernels(r.Device())
	k, ok := kernels.linears.chosen(r, l)
	if !ok {
		return
	}
	if integers(r.Device(), l) && !k.rounds {
		kernels.tellUnrounded(l.class(), k.name)
	}
	k.record(r, l)
}

// rows is the number of rows of x and y.
func (l *linear) rows() int { return l.x.Elems() / l.w.In }

// waiting returns the linear layer that made x and can still change.
func waiting(r *runtime.Recorder, x runtime.Tensor) *linear {
	l, ok := r.Pending().(*linear)
	if !ok || l.y != x {
		return nil
	}
	return l
}

// absorb gives the layer a new output that the fused operation returns.
func (l *linear) absorb(r *runtime.Recorder, by string) runtime.Tensor {
	r.Absorb(l.y, by)
	l.y = r.Temp(runtime.F32, l.y.Shape()...)
	return l.y
}

func fuseActivation(r *runtime.Recorder, x runtime.Tensor, a Activation) (runtime.Tensor, bool) {
	l := waiting(r, x)
	if l == nil || l.act != Identity || l.residual.Valid() {
		return runtime.Tensor{}, false
	}
	l.act = a
	return l.absorb(r, "an activation"), true
}

func fuseResidual(r *runtime.Recorder, a, b runtime.Tensor) (runtime.Tensor, bool) {
	if waiting(r, b) == nil {
		a, b = b, a
	}
	l := waiting(r, b)
	if l == nil || l.residual.Valid() || a == b {
		return runtime.Tensor{}, false
	}
	l.residual = a
	return l.absorb(r, "a sum"), true
}
