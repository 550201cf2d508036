package tower

import (
	"github.com/vkdual/vkdual/dualencoder/config"
	"github.com/vkdual/vkdual/dualencoder/weights"
)

// newSqueezeBERT is Iandola et al., "SqueezeBERT: What can computer vision teach
// NLP about efficient neural networks?", 2020: a BERT whose matrices are
// convolutions in groups. They are run as matrices, with zeros between the
// groups.
func newSqueezeBERT(w weights.Scope, c *config.SqueezeBERT) bert {
	e := encoder[postNorm]{name: "encoder"}
	for i := range c.NumLayers {
		e.layers = append(e.layers, newSqueezeBERTLayer(w.Sub("encoder").Sub("layers", i), c))
	}
	return bert{
		fromZero:   fromZero{newTextLimits(&c.BERT)},
		embeddings: newTokenEmbeddings(w.Sub("embeddings"), &c.BERT, c.HiddenSize),
		encoder:    e,
		pooler:     newPooler(w.Sub("pooler"), c.HiddenSize),
	}
}

func newSqueezeBERTLayer(w weights.Scope, c *config.SqueezeBERT) postNorm {
	const eps = 1e-12 // whatever layer_norm_eps says
	d, hidden := c.HiddenSize, c.IntermediateSize
	convolution := func(module string, out, in, groups int) linear {
		m := w.Sub(module, "conv1d")
		return linear{m.Name(), m.Groups(out, in, []int{groups}, "")}
	}
	a := w.Sub("attention")
	return postNorm{
		name: w.Name(),
		attention: selfAttention{
			name: a.Name(), heads: c.NumHeads,
			qkv:    a.Groups(d, d, []int{c.QueryGroups, c.KeyGroups, c.ValueGroups}, "query", "key", "value"),
			scores: true, // what it calls attentions
		},
		project:  convolution("post_attention", d, d, c.ProjectGroups),
		attended: newLayerNorm(w.Sub("post_attention", "layernorm"), d, eps),
		mlp: mlp{
			up:   convolution("intermediate", hidden, d, c.IntermediateGroups),
			down: convolution("output", d, hidden, c.DownGroups),
			act:  activation(c.HiddenAct),
		},
		outward: newLayerNorm(w.Sub("output", "layernorm"), d, eps),
	}
}
