package tower

import (
	"github.com/vkdual/vkdual/dualencoder/config"
	"github.com/vkdual/vkdual/dualencoder/weights"
	"github.com/vkdual/vkdual/ops"
	"github.com/vkdual/vkdual/runtime"
)

// A mobileBERT is Sun et al., "MobileBERT: a Compact Task-Agnostic BERT for
// Resource-Limited Devices", 2020: layers that are narrower than what is
// between them, with several MLPs each.
type mobileBERT struct {
	fromZero
	embeddings mobileEmbeddings
	encoder    encoder[mobileLayer]
	pooler     *pooler // nil: the first token as it is
}

func newMobileBERT(w weights.Scope, c *config.MobileBERT) mobileBERT {
	m := mobileBERT{
		fromZero:   fromZero{newTextLimits(&c.BERT)},
		embeddings: newMobileEmbeddings(w.Sub("embeddings"), c),
		encoder:    encoder[mobileLayer]{name: "encoder"},
	}
	for i := range c.NumLayers {
		m.encoder.layers = append(m.encoder.layers, newMobileLayer(w.Sub("encoder").Sub("layer", i), c))
	}
	if c.Pooler {
		// Sums grow from layer to layer where nothing normalises, and so do errors:
		// attention and pooler, where they count, are not of 8 bits.
		p := newPooler(w.AtLeast(runtime.F16).Sub("pooler"), c.HiddenSize)
		m.pooler = &p
	}
	return m
}

func (m mobileBERT) Forward(r *runtime.Recorder, in TextInput, want Want) Output {
	out := m.encoder.Forward(r, m.embeddings.Forward(r, in), in.Mask, want)
	if m.pooler != nil {
		out.Pooled = m.pooler.Forward(r, out.Last)
	} else {
		out.Pooled = ops.SelectToken(r, out.Last, 0)
	}
	return out
}

// mobileEmbeddings are of a token and its neighbours.
type mobileEmbeddings struct {
	tokenEmbeddings
	trigrams bool
	widen    *linear // to the width between layers; nil: they have it
	norm     mobileNorm
}

func newMobileEmbeddings(w weights.Scope, c *config.MobileBERT) mobileEmbeddings {
	w.Order("word_embeddings", "position_embeddings", "token_type_embeddings", "embedding_transformation", "LayerNorm")
	e := mobileEmbeddings{
		tokenEmbeddings: tokenEmbeddings{
			name:      w.Name(),
			words:     w.Table("word_embeddings.weight", c.VocabSize, c.EmbeddingSize),
			types:     w.Table("token_type_embeddings.weight", c.TypeVocabSize, c.HiddenSize),
			positions: w.Table("position_embeddings.weight", c.MaxPositions, c.HiddenSize),
		},
		trigrams: c.Trigrams,
		norm:     newMobileNorm(w.Sub("LayerNorm"), c, c.HiddenSize, torchEps),
	}
	in := c.EmbeddingSize
	if c.Trigrams {
		in *= 3
	}
	if c.Trigrams || in != c.HiddenSize {
		l := newLinear(w.Sub("embedding_transformation"), c.HiddenSize, in)
		e.widen = &l
	} else {
		w.Idle("embedding_transformation.weight", c.HiddenSize, in)
		w.Idle("embedding_transformation.bias", c.HiddenSize)
	}
	return e
}

func (e mobileEmbeddings) Forward(r *runtime.Recorder, in TextInput) runtime.Tensor {
	defer r.Scope(e.name)()
	x := ops.Embed(r, runtime.Tensor{}, e.words, in.IDs)
	if e.trigrams {
		x = trigrams(r, x)
	}
	if e.widen != nil {
		x = e.widen.Forward(r, x)
	}
	x = ops.Embed(r, x, e.positions, in.Positions)
	x = ops.Embed(r, x, e.types, in.Types)
	return tap(r, e.norm.Forward(r, x))
}

// trigrams puts before each token of x [B,T,D] the next one and after it the one
// before, zeros beyond the ends → [B,T,3·D].
func trigrams(r *runtime.Recorder, x runtime.Tensor) runtime.Tensor {
	b, t, d := x.Dim(0), x.Dim(1), x.Dim(2)
	index := make([]uint32, 0, 3*t)
	for i := range t {
		next, previous := uint32(i+1), uint32(i-1)
		if i == t-1 {
			next = ops.NoRow
		}
		if i == 0 {
			previous = ops.NoRow
		}
		index = append(index, next, uint32(i), previous)
	}
	return r.Reshape(ops.GatherRows(r, x, index), b, t, 3*d)
}

// A mobileLayer attends, then runs its MLPs, in the width of its bottleneck.
type mobileLayer struct {
	name      string
	bottle    bool
	narrow    mobileBlock // the layer's input, narrowed
	queries   mobileBlock // the same for queries and keys
	shared    bool        // of queries is used
	attention mobileAttention
	project   mobileBlock
	mlps      []mobileMLP
	wide      mobileBlock // back to the width between layers
}

func newMobileLayer(w weights.Scope, c *config.MobileBERT) mobileLayer {
	w.Order("attention", "intermediate", "output", "bottleneck", "ffn")
	w.Sub("attention").Order("self", "output")
	d, inner := c.HiddenSize, c.InnerSize
	fine := w.AtLeast(runtime.F16) // see newMobileBERT
	l := mobileLayer{
		name:      w.Name(),
		bottle:    c.Bottleneck,
		shared:    c.Bottleneck && c.SharedBottleneck && !c.BottleneckAttention,
		attention: newMobileAttention(fine.Sub("attention", "self"), c),
		project:   newMobileBlock(fine.Sub("attention", "output"), c, inner, inner, c.LayerNormEps),
	}
	for i := range c.FeedForwards - 1 {
		l.mlps = append(l.mlps, newMobileMLP(w.Sub("ffn", i), c, c.LayerNormEps))
	}
	last := newMobileMLP(w, c, torchEps)
	last.name = ""
	l.mlps = append(l.mlps, last)
	if c.Bottleneck {
		l.narrow = newMobileBlock(w.Sub("bottleneck", "input"), c, inner, d, c.LayerNormEps)
		l.wide = newMobileBlock(w.Sub("output", "bottleneck"), c, d, inner, c.LayerNormEps)
	}
	switch shared := w.Sub("bottleneck", "attention"); {
	case l.shared:
		l.queries = newMobileBlock(shared, c, inner, d, c.LayerNormEps)
	case c.Bottleneck && c.SharedBottleneck: // in the file all the same
		shared.Idle("dense.weight", inner, d)
		shared.Idle("dense.bias", inner)
		shared.Idle("LayerNorm.weight", inner)
		shared.Idle("LayerNorm.bias", inner)
	}
	return l
}

func (l mobileLayer) Forward(r *runtime.Recorder, x, mask runtime.Tensor, want Want) (y, probs runtime.Tensor) {
	defer r.Scope(l.name)()
	queries, values, in := x, x, x
	if l.bottle {
		in = l.narrow.Forward(r, x)
	}
	switch {
	case l.shared:
		queries = l.queries.Forward(r, x)
	case l.attention.narrow:
		queries, values = in, in
	}
	context, probs := l.attention.Forward(r, queries, values, mask, want)
	y = l.project.Add(r, in, context)
	for _, m := range l.mlps {
		y = m.Forward(r, y)
	}
	if l.bottle {
		y = l.wide.Add(r, x, y)
	}
	return tap(r, y), probs
}
