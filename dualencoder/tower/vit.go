package tower

import (
	"github.com/vkdual/vkdual/dualencoder/config"
	"github.com/vkdual/vkdual/dualencoder/weights"
	"github.com/vkdual/vkdual/runtime"
)

// A viT is a Vision Transformer ("An Image is Worth 16×16 Words", Dosovitskiy
// et al., 2020), or a DeiT ("Training data-efficient image transformers",
// Touvron et al., 2020), which differs by a second token.
type viT struct {
	pictures
	embeddings patches
	encoder    encoder[preNorm]
	layerNorm  layerNorm
	pooler     pooler
}

func newViT(w weights.Scope, c *config.ViT) viT { return newViTWith(w, c, fixed, "cls_token") }
func newDeiT(w weights.Scope, c *config.ViT) viT {
	return newViTWith(w, c, fixed, "cls_token", "distillation_token")
}

func newViTWith(w weights.Scope, c *config.ViT, at func(table runtime.Tensor) positions, tokens ...string) viT {
	d := c.HiddenSize
	e := w.Sub("embeddings")
	v := viT{
		pictures:   newPictures(c, noOther),
		embeddings: newPatches(e, c),
		encoder:    encoder[preNorm]{name: "encoder"},
		layerNorm:  newLayerNorm(w.Sub("layernorm"), d, c.LayerNormEps),
		pooler:     newPooler(w.Sub("pooler"), d),
	}
	v.embeddings.before = e.Tokens([]int{1, 1, d}, tokens...)
	v.embeddings.positions = at(e.Tokens([]int{1, len(tokens) + c.Patches(), d}, "position_embeddings"))
	for i := range c.NumLayers {
		v.encoder.layers = append(v.encoder.layers, newViTLayer(w.Sub("encoder").Sub("layer", i), c))
	}
	return v
}

func newViTLayer(w weights.Scope, c *config.ViT) preNorm {
	a := w.Sub("attention", "attention")
	return newViTLayerWith(w, c, newSelfAttention(a, c.HiddenSize, c.NumHeads, c.QKVBias, "query", "key", "value"))
}

func newViTLayerWith(w weights.Scope, c *config.ViT, attention selfAttention) preNorm {
	w.Order("attention", "intermediate", "output", "layernorm_before", "layernorm_after")
	d, hidden := c.HiddenSize, c.IntermediateSize
	return preNorm{
		name:      w.Name(),
		before:    newLayerNorm(w.Sub("layernorm_before"), d, c.LayerNormEps),
		attention: attention,
		project:   newLinear(w.Sub("attention", "output", "dense"), d, d),
		after:     newLayerNorm(w.Sub("layernorm_after"), d, c.LayerNormEps),
		mlp: mlp{
			up:   newLinear(w.Sub("intermediate", "dense"), hidden, d),
			down: newLinear(w.Sub("output", "dense"), d, hidden),
			act:  activation(c.HiddenAct),
		},
	}
}

func (v viT) Forward(r *runtime.Recorder, pixels runtime.Tensor, want Want) Output {
	out := v.encoder.Forward(r, v.embeddings.Forward(r, pixels), runtime.Tensor{}, want)
	out.Last = v.layerNorm.Forward(r, out.Last)
	out.Pooled = v.pooler.Forward(r, out.Last)
	return out
}
