package tower

import (
	"encoding/binary"
	"math"

	"github.com/vkdual/vkdual/dualencoder/config"
	"github.com/vkdual/vkdual/dualencoder/weights"
	"github.com/vkdual/vkdual/ops"
	"github.com/vkdual/vkdual/runtime"
)

// A sigLIP is the vision tower of SigLIP ("Sigmoid Loss for Language Image
// Pre-Training", Zhai et al., 2023): CLIP's layers on patches alone, without a
// CLS token; the pooled output is what a learnt probe finds in them.
type sigLIP struct {
	pictures
	embeddings patches
	encoder    encoder[preNorm]
	after      layerNorm
	head       attentionPooling
}

func newSigLIP(w weights.Scope, c *config.ViT) sigLIP {
	w = w.Sub("vision_model")
	d := c.HiddenSize
	e := w.Sub("embeddings")
	return sigLIP{
		pictures: newPictures(c, samePatches),
		embeddings: patches{
			name:        "embeddings",
			embedding:   linear{"patch_embedding", e.Sub("patch_embedding").Kernel(true, d, c.NumChannels, c.PatchHeight, c.PatchWidth)},
			patchHeight: c.PatchHeight, patchWidth: c.PatchWidth,
			positions: fixed(e.Tokens([]int{c.Patches(), d}, "position_embedding.weight")),
		},
		encoder: newCLIPEncoder(w.Sub("encoder"), c.NumLayers, visionLayer(c)),
		after:   newLayerNorm(w.Sub("post_layernorm"), d, c.LayerNormEps),
		head:    newAttentionPooling(w.Sub("head"), c),
	}
}

func (v sigLIP) Forward(r *runtime.Recorder, pixels runtime.Tensor, want Want) Output {
	defer r.Scope("vision_model")()
	out := v.encoder.Forward(r, v.embeddings.Forward(r, pixels), runtime.Tensor{}, want)
	out.Last = v.after.Forward(r, out.Last)
	out.Pooled = v.head.Forward(r, out.Last)
	r.Tap(out.Last)
	return out
}

// An attentionPooling is the head of Zhai et al., "Scaling Vision Transformers",
// 2021: a learnt probe attends to all tokens.
type attentionPooling struct {
	name      string
	probe     runtime.Tensor // [1,D]
	heads     int
	qkv       ops.Matrix
	project   ops.Matrix
	layerNorm layerNorm
	mlp       mlp
}

func newAttentionPooling(w weights.Scope, c *config.ViT) attentionPooling {
	d, hidden := c.HiddenSize, c.IntermediateSize
	return attentionPooling{
		name:      w.Name(),
		probe:     w.Tokens([]int{1, 1, d}, "probe"),
		heads:     c.NumHeads,
		qkv:       w.Sub("attention").Named(3*d, d, "in_proj_weight", "in_proj_bias"),
		project:   w.AtLeast(runtime.Q8).Sub("attention", "out_proj").Linear(d, d),
		layerNorm: newLayerNorm(w.Sub("layernorm"), d, c.LayerNormEps),
		mlp: mlp{
			up:   newLinear(w.Sub("mlp", "fc1"), hidden, d),
			down: newLinear(w.Sub("mlp", "fc2"), d, hidden),
			act:  activation(c.HiddenAct),
		},
	}
}

// Forward is x [B,T,D] → [B,D].
func (h attentionPooling) Forward(r *runtime.Recorder, x runtime.Tensor) runtime.Tensor {
	defer r.Scope(h.name)()
	x = h.attend(r, x)
	x = ops.Add(r, x, h.mlp.Forward(r, h.layerNorm.Forward(r, x)))
	return tap(r, ops.SelectToken(r, x, 0))
}

// attend is x [B,T,D] → what the probe finds there, [B,1,D]. The probe is put
// before the tokens, so that its query is one of self-attention, but no key.
func (h attentionPooling) attend(r *runtime.Recorder, x runtime.Tensor) runtime.Tensor {
	defer r.Scope("attention")()
	x = ops.JoinTokens(r, x, ops.Joined{Before: h.probe})
	b, t, d := x.Dim(0), x.Dim(1), x.Dim(2)
	mask := make([]byte, 4*b*t)
	for i := 0; i < b*t; i += t {
		binary.NativeEndian.PutUint32(mask[4*i:], math.Float32bits(Padding))
	}
	x = ops.Attention(r, ops.AttentionInput{QKV: ops.Linear(r, x, h.qkv), Mask: r.Constant(runtime.F32, mask, b, t), Heads: h.heads})
	return tap(r, ops.Linear(r, r.Reshape(ops.SelectToken(r, x, 0), b, 1, d), h.project))
}
