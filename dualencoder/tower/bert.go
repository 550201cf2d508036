package tower

import (
	"math"

	"github.com/vkdual/vkdual/dualencoder/config"
	"github.com/vkdual/vkdual/dualencoder/weights"
	"github.com/vkdual/vkdual/runtime"
)

// A bert is Devlin et al., "BERT: Pre-training of Deep Bidirectional
// Transformers for Language Understanding", 2018.
type bert struct {
	fromZero
	embeddings tokenEmbeddings
	widen      *linear // embeddings to the encoder's width; nil: they have it
	encoder    interface {
		Forward(r *runtime.Recorder, x, mask runtime.Tensor, want Want) Output
	}
	after  *layerNorm // nil: none
	pooler pooler
}

func newBERT(w weights.Scope, c *config.BERT) bert {
	b := newBERTWithoutPooler(w, c)
	b.pooler = newPooler(w.Sub("pooler"), c.HiddenSize)
	return b
}

func newBERTWithoutPooler(w weights.Scope, c *config.BERT) bert {
	return bert{
		fromZero:   fromZero{newTextLimits(c)},
		embeddings: newTokenEmbeddings(w.Sub("embeddings"), c, c.HiddenSize),
		encoder:    newBERTEncoder(w.Sub("encoder"), c),
	}
}

func newTextLimits(c *config.BERT) TextLimits {
	l := TextLimits{Vocab: c.VocabSize, Types: c.TypeVocabSize, Positions: c.MaxPositions, Length: c.MaxPositions}
	if c.PositionEmbedding != config.Absolute { // the table of distances holds that many tokens, and positions are not looked up
		l.Positions, l.Tokens = math.MaxInt32, c.MaxPositions
	}
	return l
}

func newBERTEncoder(w weights.Scope, c *config.BERT) encoder[postNorm] {
	e := encoder[postNorm]{name: w.Name()}
	for i := range c.NumLayers {
		e.layers = append(e.layers, newBERTLayer(w.Sub("layer", i), c, true))
	}
	return e
}

func newBERTLayer(w weights.Scope, c *config.BERT, qkvBias bool) postNorm {
	d := c.HiddenSize
	return postNorm{
		name:      w.Name(),
		attention: newBERTAttention(w.Sub("attention", "self"), c, qkvBias),
		project:   newLinear(w.Sub("attention", "output", "dense"), d, d),
		attended:  newLayerNorm(w.Sub("attention", "output", "LayerNorm"), d, c.LayerNormEps),
		mlp:       newBERTMLP(w, c),
		outward:   newLayerNorm(w.Sub("output", "LayerNorm"), d, c.LayerNormEps),
	}
}

func newBERTAttention(w weights.Scope, c *config.BERT, bias bool) selfAttention {
	a := newSelfAttention(w, c.HiddenSize, c.NumHeads, bias, "query", "key", "value")
	a.distance = newDistance(w, c)
	return a
}

func newBERTMLP(w weights.Scope, c *config.BERT) mlp {
	return mlp{
		up:   newLinear(w.Sub("intermediate", "dense"), c.IntermediateSize, c.HiddenSize),
		down: newLinear(w.Sub("output", "dense"), c.HiddenSize, c.IntermediateSize),
		act:  activation(c.HiddenAct),
	}
}

// fromZero is what a tower is asked whose positions count from 0, whatever the
// tokens are.
type fromZero struct{ limits TextLimits }

func (z fromZero) Limits() TextLimits { return z.limits }

func (fromZero) Positions(dst, ids []uint32) {
	for i := range ids {
		dst[i] = uint32(i)
	}
}

func (b bert) Forward(r *runtime.Recorder, in TextInput, want Want) Output {
	x := b.embeddings.Forward(r, in)
	if b.widen != nil {
		x = b.widen.Forward(r, x)
	}
	out := b.encoder.Forward(r, x, in.Mask, want)
	if b.after != nil {
		out.Last = b.after.Forward(r, out.Last)
	}
	out.Pooled = b.pooler.Forward(r, out.Last)
	return out
}
