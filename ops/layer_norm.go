package ops

import (
	"fmt"
	"math"

	"github.com/vkdual/vkdual/runtime"
)

// layerNorm is what a layer norm kernel records.
type layerNorm struct {
	x, gamma, beta, y runtime.Tensor
	eps               float32
}

func (l *layerNorm) rows() int  { return l.x.Elems() / l.width() }
func (l *layerNorm) width() int { return l.x.Dim(-1) }

func (l *layerNorm) dispatch(module string, groups [3]int) runtime.Dispatch {
	return runtime.Dispatch{
		Op: fmt.Sprintf("layer norm %v", l.x.Shape()), Module: module,
		Push:   []uint32{u32(l.rows()), u32(l.width()), math.Float32bits(l.eps)},
		Groups: groups, Bind: runtime.Bind(l.x, l.gamma, l.beta, l.y),
		FLOPs: 8 * float64(l.x.Elems()),
	}
}

// LayerNorm normalises the last dimension of x […,D] to mean 0 and variance 1,
// scales by gamma [D] and adds beta [D] → […,D] (Ba et al., "Layer
// Normalization", 2016).
func LayerNorm(r *runtime.Recorder, x, gamma, beta runtime.Tensor, eps float64) runtime.Tensor {
	d := x.Dim(-1)
	if !want(r, "LayerNorm", "x", x, runtime.F32, x.Shape()...) ||
		!want(r, "LayerNorm", "gamma", gamma, runtime.F32, d) || !want(r, "LayerNorm", "beta", beta, runtime.F32, d) {
		return runtime.Tensor{}
	}
	l := &layerNorm{x: x, gamma: gamma, beta: beta, y: r.Temp(runtime.F32, x.Shape()...), eps: float32(eps)}
	Kernels(r.Device()).layerNorms.record(r, l)
	return l.y
}
