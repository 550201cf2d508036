package tower

import (
	"github.com/vkdual/vkdual/dualencoder/config"
	"github.com/vkdual/vkdual/dualencoder/weights"
	"github.com/vkdual/vkdual/ops"
	"github.com/vkdual/vkdual/runtime"
)

// A clip is the vision tower of CLIP ("Learning Transferable Visual Models From
// Natural Language Supervision", Radford et al., 2021): a ViT whose embeddings
// are normalised first, and whose pooled output is the normalised CLS token.
type clip struct {
	pictures
	embeddings patches
	before     layerNorm
	encoder    encoder[preNorm]
	after      layerNorm
}

func newCLIP(w weights.Scope, c *config.ViT) clip {
	w = w.Sub("vision_model")
	d := c.HiddenSize
	e := w.Sub("embeddings")
	return clip{
		pictures: newPictures(c, samePatches),
		embeddings: patches{
			name:        "embeddings",
			embedding:   linear{"patch_embedding", e.Sub("patch_embedding").Kernel(false, d, c.NumChannels, c.PatchHeight, c.PatchWidth)},
			patchHeight: c.PatchHeight, patchWidth: c.PatchWidth,
			before:    e.Tokens([]int{d}, "class_embedding"),
			positions: fixed(e.Tokens([]int{1 + c.Patches(), d}, "position_embedding.weight")),
		},
		before:  newLayerNorm(w.Sub("pre_layrnorm"), d, c.LayerNormEps), // so it is spelt there
		encoder: newCLIPEncoder(w.Sub("encoder"), c.NumLayers, visionLayer(c)),
		after:   newLayerNorm(w.Sub("post_layernorm"), d, c.LayerNormEps),
	}
}

// clipLayer is what the layers of CLIP's and SigLIP's towers differ in.
type clipLayer struct {
	width, hidden, heads int
	act                  string
	eps                  float64
	causal               bool
}

func visionLayer(c *config.ViT) clipLayer {
	return clipLayer{width: c.HiddenSize, hidden: c.IntermediateSize, heads: c.NumHeads, act: c.HiddenAct, eps: c.LayerNormEps}
}

func newCLIPEncoder(w weights.Scope, layers int, l clipLayer) encoder[preNorm] {
	e := encoder[preNorm]{name: w.Name()}
	for i := range layers {
		e.layers = append(e.layers, newCLIPLayer(w.Sub("layers", i), l))
	}
	return e
}

func newCLIPLayer(w weights.Scope, l clipLayer) preNorm {
	d := l.width
	w.Order("self_attn", "layer_norm1", "mlp", "layer_norm2")
	w.Sub("self_attn").Order("k_proj", "v_proj", "q_proj", "out_proj")
	attention := newSelfAttention(w.Sub("self_attn"), d, l.heads, true, "q_proj", "k_proj", "v_proj")
	attention.name = "self_attn.context" // the module's own output is that of out_proj
	attention.causal = l.causal
	return preNorm{
		name:      w.Name(),
		before:    newLayerNorm(w.Sub("layer_norm1"), d, l.eps),
		attention: attention,
		project:   newLinear(w.Sub("self_attn", "out_proj"), d, d),
		after:     newLayerNorm(w.Sub("layer_norm2"), d, l.eps),
		mlp: mlp{
			up:   newLinear(w.Sub("mlp", "fc1"), l.hidden, d),
			down: newLinear(w.Sub("mlp", "fc2"), d, l.hidden),
			act:  activation(l.act),
		},
	}
}

func (v clip) Forward(r *runtime.Recorder, pixels runtime.Tensor, want Want) Output {
	defer r.Scope("vision_model")()
	x := v.before.Forward(r, v.embeddings.Forward(r, pixels))
	out := v.encoder.Forward(r, x, runtime.Tensor{}, want)
	out.Pooled = v.after.Forward(r, ops.SelectToken(r, out.Last, 0))
	r.Tap(out.Last)
	return out
}
