package tower

import (
	"math"

	"github.com/vkdual/vkdual/dualencoder/config"
	"github.com/vkdual/vkdual/dualencoder/weights"
	"github.com/vkdual/vkdual/ops"
	"github.com/vkdual/vkdual/runtime"
)

// newSwinV2 is Liu et al., "Swin Transformer V2: Scaling Up Capacity and
// Resolution", 2022: norms come after attention and MLP, scores are scaled
// cosines, and a network gives the relative positions' bias.
func newSwinV2(w weights.Scope, c *config.Swin) swin {
	v := newSwinWith(w, c, newSwinV2Block, newMergingV2)
	v.last = newLayerNorm(w.Sub("layernorm"), c.HiddenDim(), c.LayerNormEps)
	return v
}

type swinV2Block struct {
	name          string
	windows       windows
	attention     windowAttention
	before, after layerNorm // so they are named there; each comes last
	mlp           mlp
}

// logHundred is the largest logarithm of a scale.
var logHundred = math.Log(100)

func newSwinV2Block(w weights.Scope, c *config.Swin, s config.SwinStage, i int) swinBlock {
	w.Order("attention", "layernorm_before", "intermediate", "output", "layernorm_after")
	self := w.Sub("attention", "self")
	self.Spare("relative_position_index", "relative_coords_table") // old files have them
	attention := windowAttention{
		name: self.Name(), heads: s.NumHeads,
		cosine:  self.Tokens([]int{s.NumHeads, 1, 1}, "logit_scale"),
		table:   newContinuousBias(self.Sub("continuous_position_bias_mlp"), s).table,
		apart:   -200, // transformers adds -100 twice
		project: newWindowProjection(w, s),
	}
	if c.QKVBias {
		attention.qkv = self.StackBut(s.Width, s.Width, "key", "query", "key", "value")
	} else {
		attention.qkv = self.Stack(s.Width, s.Width, false, "query", "key", "value")
	}
	return swinV2Block{
		name:      w.Name(),
		windows:   windows{s.Window, i % 2 * s.Shift},
		attention: attention,
		before:    newLayerNorm(w.Sub("layernorm_before"), s.Width, c.LayerNormEps),
		after:     newLayerNorm(w.Sub("layernorm_after"), s.Width, c.LayerNormEps),
		mlp:       newSwinMLP(w, c, s),
	}
}

func (b swinV2Block) Forward(r *runtime.Recorder, x runtime.Tensor, a area, want Want) (y, probs runtime.Tensor) {
	defer r.Scope(b.name)()
	context, probs := b.attention.Forward(r, x, a, b.windows, want)
	x = ops.Add(r, x, b.before.Forward(r, context))
	return tap(r, ops.Add(r, x, b.after.Forward(r, b.mlp.Forward(r, x)))), probs
}

// newMergingV2 normalises after the reduction.
func newMergingV2(w weights.Scope, d int) func(*runtime.Recorder, runtime.Tensor, area) runtime.Tensor {
	w.Order("reduction", "norm")
	name, norm := w.Name(), newLayerNorm(w.Sub("norm"), 2*d, swinEps)
	reduction := linear{"reduction", w.Sub("reduction").Projection(2*d, 4*d)}
	return func(r *runtime.Recorder, x runtime.Tensor, a area) runtime.Tensor {
		defer r.Scope(name)()
		return tap(r, norm.Forward(r, reduction.Forward(r, fourByFour(r, x, a))))
	}
}

// A continuousBias is a small network from the logarithm of a relative position to
// a score for each head (section 3.3), which is the same for windows of every size.
type continuousBias struct {
	name     string
	reach    int       // relative positions along an axis
	at       []float32 // [reach,reach,2]
	up, down linear
}

func newContinuousBias(w weights.Scope, s config.SwinStage) continuousBias {
	const hidden = 512
	w = w.AtLeast(runtime.F16) // few weights, whose sums the scores take up sixteenfold
	b := continuousBias{
		name:  w.Name(),
		reach: 2*s.Window - 1,
		up:    newLinear(w.Sub(0), hidden, 2),
		down:  linear{"2", w.Sub(2).Projection(s.NumHeads, hidden)},
	}
	trained := s.Pretrained
	if trained[0] == 0 {
		trained = [2]int{s.Window, s.Window}
	}
	for i := range b.reach {
		for j := range b.reach {
			b.at = append(b.at, logSpaced(i-s.Window+1, trained[0]), logSpaced(j-s.Window+1, trained[1]))
		}
	}
	return b
}

// logSpaced is the place n patches away in windows of a side, as a fraction
// of ±8 in units of eight-fold distance.
func logSpaced(n, side int) float32 {
	x := float64(float32(n) / float32(side-1) * 8)
	return float32(math.Copysign(math.Log2(float64(float32(math.Abs(x))+1)), x)) / 3
}

// table is the bias [reach²,H]: from 0 to 16.
func (b continuousBias) table(r *runtime.Recorder) runtime.Tensor {
	defer r.Scope(b.name)()
	x := floats(r, b.at, 1, b.reach, b.reach, 2)
	x = b.down.Forward(r, ops.Activate(r, b.up.Forward(r, x), ops.ReLU))
	heads := x.Dim(-1)
	x = ops.Activate(r, r.Reshape(x, b.reach*b.reach, heads), ops.Sigmoid)
	return ops.Affine(r, x, constant(r, 16, heads), runtime.Tensor{})
}
