package tower

import (
	"math"

	"github.com/vkdual/vkdual/dualencoder/config"
	"github.com/vkdual/vkdual/dualencoder/weights"
	"github.com/vkdual/vkdual/ops"
	"github.com/vkdual/vkdual/runtime"
)

// A dinov2 is Oquab et al., "DINOv2: Learning Robust Visual Features without
// Supervision", 2023: a ViT with layer scale, whose larger kinds have a gated
// MLP. Its pooled output is the normalised CLS token.
type dinov2 struct {
	pictures
	embeddings patches
	encoder    encoder[preNorm]
	layerNorm  layerNorm
}

func newDINOv2(w weights.Scope, c *config.DINOv2) dinov2 {
	d := c.HiddenSize
	e := w.Sub("embeddings")
	v := dinov2{
		pictures:   newPictures(&c.ViT, noOther),
		embeddings: newPatches(e, &c.ViT),
		encoder:    encoder[preNorm]{name: "encoder"},
		layerNorm:  newLayerNorm(w.Sub("layernorm"), d, c.LayerNormEps),
	}
	v.embeddings.before = e.Tokens([]int{1, 1, d}, "cls_token")
	e.Idle("mask_token", 1, d) // of its training
	table := e.Tokens([]int{1, 1 + c.Patches(), d}, "position_embeddings")
	v.embeddings.positions = fixed(table)
	if c.Grid > 0 {
		v.sizes = anyOther
		v.embeddings.positions = dinov2Positions(table, c)
	}
	for i := range c.NumLayers {
		v.encoder.layers = append(v.encoder.layers, newDINOv2Layer(w.Sub("encoder").Sub("layer", i), c))
	}
	return v
}

// dinov2Positions are bicubic between those of the table, whose patches are
// taken to form a square. The grid is thought a tenth of a patch larger than it
// is, as in DINO's code; only a square picture of as many patches is spared.
func dinov2Positions(table runtime.Tensor, c *config.DINOv2) positions {
	g := grid{before: 1, rows: c.Grid, columns: c.Grid}
	along := func(pixels int) axis {
		to := pixels / c.PatchHeight
		scale := (float64(to) + 0.1) / math.Sqrt(float64(c.Patches()))
		return bicubicBy(to, c.Grid, float32(1/scale))
	}
	return func(r *runtime.Recorder, height, width int) runtime.Tensor {
		if height == width && height/c.PatchHeight == c.Grid {
			return table
		}
		return ops.WeightedRows(r, table, g.resample(0, along(height), along(width)))
	}
}

func newDINOv2Layer(w weights.Scope, c *config.DINOv2) preNorm {
	w.Order("norm1", "attention", "layer_scale1", "norm2", "mlp", "layer_scale2")
	d, hidden := c.HiddenSize, c.IntermediateSize
	scale := func(name string) layerScale { return layerScale{name, w.Sub(name).Vector("lambda1", d)} }
	l := preNorm{
		name:      w.Name(),
		before:    newLayerNorm(w.Sub("norm1"), d, c.LayerNormEps),
		attention: newSelfAttention(w.Sub("attention", "attention"), d, c.NumHeads, c.QKVBias, "query", "key", "value"),
		project:   newLinear(w.Sub("attention", "output", "dense"), d, d),
		after:     newLayerNorm(w.Sub("norm2"), d, c.LayerNormEps),
		scales:    [2]layerScale{scale("layer_scale1"), scale("layer_scale2")},
	}
	if c.SwiGLU {
		l.mlp = gated{newLinear(w.Sub("mlp", "weights_in"), 2*hidden, d), newLinear(w.Sub("mlp", "weights_out"), d, hidden), ops.SiLU}
	} else {
		l.mlp = mlp{newLinear(w.Sub("mlp", "fc1"), hidden, d), newLinear(w.Sub("mlp", "fc2"), d, hidden), activation(c.HiddenAct)}
	}
	return l
}

// A gated is an mlp whose activation opens or shuts a second half of the hidden
// units (Shazeer, "GLU Variants Improve Transformer", 2020).
type gated struct {
	up, down linear
	act      ops.Activation
}

func (m gated) Forward(r *runtime.Recorder, x runtime.Tensor) runtime.Tensor {
	return m.down.Forward(r, ops.Gate(r, m.up.Forward(r, x), m.act))
}

func (v dinov2) Forward(r *runtime.Recorder, pixels runtime.Tensor, want Want) Output {
	out := v.encoder.Forward(r, v.embeddings.Forward(r, pixels), runtime.Tensor{}, want)
	out.Last = v.layerNorm.Forward(r, out.Last)
	out.Pooled = ops.SelectToken(r, out.Last, 0)
	return out
}
