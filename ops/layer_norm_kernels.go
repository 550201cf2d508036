package ops

import (
	"fmt"

	"github.com/vkdual/vkdual/ops/ref"
	"github.com/vkdual/vkdual/runtime"
)

var layerNormFamily = family[*layerNorm]{
	op: "layer norm", kernels: layerNormKernels, samples: layerNormTrials,
	class: (*layerNorm).class, alike: layerNormsAlike, share: 0.1,
	usual: []sample[*layerNorm]{layerNormTrial{192, 64}, layerNormTrial{1, 64}},
}

// layerNormKernels are the shaders of layer_norm*.comp; shaders/README.md says
// how each works.
var layerNormKernels = []kernel[*layerNorm]{
	// Software drivers: a subgroup a workgroup.
	{name: "layer_norm_texel", needs: texelsAndShuffle, takes: func(d *runtime.Device, l *layerNorm) bool {
		return l.width()%4 == 0 && uint64(l.x.Elems())/4 <= d.Info().Limits.MaxTexelBufferElements
	}, record: func(r *runtime.Recorder, l *layerNorm) {
		r.Dispatch(l.dispatch("layer_norm_texel", [3]int{ceil(l.rows(), 8)}))
	}},
	{name: "layer_norm_quad", needs: quads, record: func(r *runtime.Recorder, l *layerNorm) {
		r.Dispatch(l.dispatch("layer_norm_quad", fold(l.rows())))
	}},

	// Any device, any width.
	{name: "layer_norm", portable: true, record: func(r *runtime.Recorder, l *layerNorm) {
		r.Dispatch(l.dispatch("layer_norm", fold(l.rows())))
	}},
}

// layerNormTrial is a layer norm over n random rows of width d.
type layerNormTrial struct{ n, d int }

func (t layerNormTrial) String() string { return fmt.Sprintf("%d×%d", t.n, t.d) }

func (t layerNormTrial) of(k kernel[*layerNorm]) trial {
	n, d := t.n, t.d
	x, gamma, beta := random(1, n*d), random(2, d), random(3, d)
	for i := range x {
		x[i] += 3 // a mean far from 0 shows a variance that cancels
	}
	const eps = 1e-5
	return trial{
		kernel: k.name, size: t.String(),
		record: func(l *lab) runtime.Tensor {
			op := &layerNorm{x: l.input(x, n, d), gamma: l.vector(gamma), beta: l.vector(beta), y: l.r.Temp(runtime.F32, n, d), eps: eps}
			if k.takes != nil && !k.takes(l.r.Device(), op) {
				l.fail(errNotTaken)
				return runtime.Tensor{}
			}
			k.record(l.r, op)
			return op.y
		},
		want: func() []float64 { return ref.LayerNorm(rounded(x), gamma, beta, n, d, eps) },
	}
}

// layerNormTrials are what layer norm kernels are held against.
func layerNormTrials() []sample[*layerNorm] {
	return []sample[*layerNorm]{
		layerNormTrial{13, 72}, layerNormTrial{1, 4}, layerNormTrial{67, 128}, layerNormTrial{3, 1024},
		layerNormTrial{2, 37}, layerNormTrial{5, 1}, layerNormTrial{129, 7}, layerNormTrial{1, 2051},
	}
}

func (l *layerNorm) class() string {
	if l.rows() <= fewRows {
		return fmt.Sprintf("up to %d rows", fewRows)
	}
	return "more rows"
}

// layerNormsAlike are a known answer of odd sizes, and the rows of a text or of a picture.
func layerNormsAlike(_ *runtime.Device, l *layerNorm) (answers, work []sample[*layerNorm]) {
	answers = []sample[*layerNorm]{layerNormTrial{13, 72}}
	if l.rows() <= fewRows {
		return answers, []sample[*layerNorm]{layerNormTrial{4, 768}}
	}
	return answers, []sample[*layerNorm]{layerNormTrial{192, 768}}
}
