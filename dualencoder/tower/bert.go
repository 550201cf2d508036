package tower

import (
	"github.com/vkdual/vkdual/dualencoder/config"
	"github.com/vkdual/vkdual/dualencoder/weights"
	"github.com/vkdual/vkdual/ops"
	"github.com/vkdual/vkdual/runtime"
)

// A bert is Devlin et al., "BERT: Pre-training of Deep Bidirectional
// Transformers for Language Understanding", 2018.
type bert struct {
	limits                 TextLimits
	words, types, position runtime.Tensor // [V,D], [types,D], [positions,D]
	layerNorm              layerNorm
	encoder                encoder[postNorm]
	pooler                 pooler
}

func newBERT(w weights.Scope, c *config.BERT) bert {
	d := c.HiddenSize
	e := w.Sub("embeddings")
	b := bert{
		limits:    TextLimits{Vocab: c.VocabSize, Types: c.TypeVocabSize, Positions: c.MaxPositions, Length: c.MaxPositions},
		words:     e.Table("word_embeddings.weight", c.VocabSize, d),
		position:  e.Table("position_embeddings.weight", c.MaxPositions, d),
		types:     e.Table("token_type_embeddings.weight", c.TypeVocabSize, d),
		layerNorm: newLayerNorm(e.Sub("LayerNorm"), d, c.LayerNormEps),
		encoder:   encoder[postNorm]{name: "encoder"},
		pooler:    newPooler(w.Sub("pooler"), d),
	}
	for i := range c.NumLayers {
		b.encoder.layers = append(b.encoder.layers, newBERTLayer(w.Sub("encoder").Sub("layer", i), c))
	}
	return b
}

func newBERTLayer(w weights.Scope, c *config.BERT) postNorm {
	d, hidden := c.HiddenSize, c.IntermediateSize
	return postNorm{
		name:      w.Name(),
		attention: newSelfAttention(w.Sub("attention", "self"), d, c.NumHeads, true, "query", "key", "value"),
		project:   newLinear(w.Sub("attention", "output", "dense"), d, d),
		attended:  newLayerNorm(w.Sub("attention", "output", "LayerNorm"), d, c.LayerNormEps),
		mlp: mlp{
			up:   newLinear(w.Sub("intermediate", "dense"), hidden, d),
			down: newLinear(w.Sub("output", "dense"), d, hidden),
			act:  activation(c.HiddenAct),
		},
		outward: newLayerNorm(w.Sub("output", "LayerNorm"), d, c.LayerNormEps),
	}
}

func (b bert) Limits() TextLimits { return b.limits }

// Positions counts from 0, whatever the tokens are.
func (b bert) Positions(dst, ids []uint32) {
	for i := range ids {
		dst[i] = uint32(i)
	}
}

func (b bert) Forward(r *runtime.Recorder, in TextInput, want Want) Output {
	out := b.encoder.Forward(r, b.embed(r, in), in.Mask, want)
	out.Pooled = b.pooler.Forward(r, out.Last)
	return out
}

func (b bert) embed(r *runtime.Recorder, in TextInput) runtime.Tensor {
	defer r.Scope("embeddings")()
	x := ops.Embed(r, runtime.Tensor{}, b.words, in.IDs)
	x = ops.Embed(r, x, b.types, in.Types)
	x = ops.Embed(r, x, b.position, in.Positions)
	return tap(r, b.layerNorm.Forward(r, x))
}
