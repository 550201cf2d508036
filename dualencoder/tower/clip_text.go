package tower

import (
	"github.com/vkdual/vkdual/dualencoder/config"
	"github.com/vkdual/vkdual/dualencoder/weights"
	"github.com/vkdual/vkdual/ops"
	"github.com/vkdual/vkdual/runtime"
)

// A clipText is the text tower of CLIP (Radford et al., 2021, section 2.4): a
// causal Transformer in the manner of GPT-2, whose pooled output is the state
// of the token that ends the text. SigLIP's is one that is not causal.
type clipText struct {
	limits           TextLimits
	words, positions ops.Table // [V,D], [positions,D]
	encoder          encoder[preNorm]
	after            layerNorm
	pool             func(r *runtime.Recorder, x, ids runtime.Tensor) runtime.Tensor // [B,T,D] → [B,D]
}

// newCLIPText pools as transformers does: the first configs said 2 for
// eos_token_id, whatever it was, since the end of the text has the highest id
// of all; a later one is true, and the first such token is meant, as it may pad
// as well.
func newCLIPText(w weights.Scope, c *config.CLIPText) clipText {
	t := newTextTransformer(w, c, true)
	t.pool = func(r *runtime.Recorder, x, ids runtime.Tensor) runtime.Tensor {
		if c.EOSTokenID == 2 {
			return ops.SelectHighest(r, x, ids)
		}
		return ops.SelectFirst(r, x, ids, uint32(c.EOSTokenID))
	}
	return t
}

// newSigLIPText is the text tower of SigLIP (Zhai et al., 2023). Texts are
// filled up to one length, and the last token stands for all.
func newSigLIPText(w weights.Scope, c *config.CLIPText) clipText {
	t := newTextTransformer(w, c, false)
	head := newLinear(w.Sub("head"), c.HiddenSize, c.HiddenSize)
	t.pool = func(r *runtime.Recorder, x, _ runtime.Tensor) runtime.Tensor {
		return head.Forward(r, ops.SelectToken(r, x, x.Dim(1)-1))
	}
	return t
}

// newTextTransformer is the tower up to its pooled output.
func newTextTransformer(w weights.Scope, c *config.CLIPText, causal bool) clipText {
	d := c.HiddenSize
	e := w.Sub("embeddings")
	return clipText{
		limits:    TextLimits{Vocab: c.VocabSize, Positions: c.MaxPositions, Length: c.MaxPositions},
		words:     e.Table("token_embedding.weight", c.VocabSize, d),
		positions: e.Table("position_embedding.weight", c.MaxPositions, d),
		encoder: newCLIPEncoder(w.Sub("encoder"), c.NumLayers, clipLayer{
			width: d, hidden: c.IntermediateSize, heads: c.NumHeads, act: c.HiddenAct, eps: c.LayerNormEps, causal: causal,
		}),
		after: newLayerNorm(w.Sub("final_layer_norm"), d, c.LayerNormEps),
	}
}

func (t clipText) Limits() TextLimits { return t.limits }

// Positions counts from 0, whatever the tokens are.
func (t clipText) Positions(dst, ids []uint32) { bert{}.Positions(dst, ids) }

func (t clipText) Forward(r *runtime.Recorder, in TextInput, want Want) Output {
	out := t.encoder.Forward(r, t.embed(r, in), in.Mask, want)
	out.Last = t.after.Forward(r, out.Last)
	out.Pooled = t.pool(r, out.Last, in.IDs)
	return out
}

func (t clipText) embed(r *runtime.Recorder, in TextInput) runtime.Tensor {
	defer r.Scope("embeddings")()
	x := ops.Embed(r, runtime.Tensor{}, t.words, in.IDs)
	return tap(r, ops.Embed(r, x, t.positions, in.Positions))
}
