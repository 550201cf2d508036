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
	v := clip{
		pictures: newPictures(c, samePatches),
		embeddings: patches{
			name:        "embeddings",
			embedding:   linear{"patch_embedding", e.Sub("patch_embedding").Kernel(false, d, c.NumChannels, c.PatchHeight, c.PatchWidth)},
			patchHeight: c.PatchHeight, patchWidth: c.PatchWidth,
			before:    e.Tokens([]int{d}, "class_embedding"),
			positions: fixed(e.Tokens([]int{1 + c.Patches(), d}, "position_embedding.weight")),
		},
		before:  newLayerNorm(w.Sub("pre_layrnorm"), d, c.LayerNormEps), // so it is spelt there
		encoder: encoder[preNorm]{name: "encoder"},
		after:   newLayerNorm(w.Sub("post_layernorm"), d, c.LayerNormEps),
	}
	for i := range c.NumLayers {
		v.encoder.layers = append(v.encoder.layers, newCLIPLayer(w.Sub("encoder").Sub("layers", i), c))
	}
	return v
}

func newCLIPLayer(w weights.Scope, c *config.ViT) preNorm {
	d, hidden := c.HiddenSize, c.IntermediateSize
	attention := newSelfAttention(w.Sub("self_attn"), d, c.NumHeads, c.QKVBias, "q_proj", "k_proj", "v_proj")
	attention.name = "self_attn.context" // the module's own output is that of out_proj
	return preNorm{
		name:      w.Name(),
		before:    newLayerNorm(w.Sub("layer_norm1"), d, c.LayerNormEps),
		attention: attention,
		project:   newLinear(w.Sub("self_attn", "out_proj"), d, d),
		after:     newLayerNorm(w.Sub("layer_norm2"), d, c.LayerNormEps),
		mlp: mlp{
			up:   newLinear(w.Sub("mlp", "fc1"), hidden, d),
			down: newLinear(w.Sub("mlp", "fc2"), d, hidden),
			act:  activation(c.HiddenAct),
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
