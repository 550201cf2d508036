package tower

import (
	"github.com/vkdual/vkdual/dualencoder/config"
	"github.com/vkdual/vkdual/dualencoder/weights"
)

// Three BERTs that normalise before attention and MLP instead of after them,
// and each at places with names of its own.

// newMegatronBERT is the BERT of Shoeybi et al., "Megatron-LM: Training
// Multi-Billion Parameter Language Models Using Model Parallelism", 2019.
func newMegatronBERT(w weights.Scope, c *config.BERT) bert {
	return bert{
		fromZero:   fromZero{newTextLimits(c)},
		embeddings: newBareEmbeddings(w.Sub("embeddings"), c, c.HiddenSize),
		encoder:    newPreNormEncoder(w.Sub("encoder"), c, []any{"attention", "ln"}, []any{"ln"}, "ln"),
		pooler:     newPooler(w.Sub("pooler"), c.HiddenSize),
	}
}

// newXLMRoBERTaXL is Goyal et al., "Larger-Scale Transformers for Multilingual
// Masked Language Modeling", 2021.
func newXLMRoBERTaXL(w weights.Scope, c *config.BERT) roBERTa {
	return afterPad(c, bert{
		embeddings: newBareEmbeddings(w.Sub("embeddings"), c, c.HiddenSize),
		encoder:    newPreNormEncoder(w.Sub("encoder"), c, []any{"attention", "self_attn_layer_norm"}, []any{"LayerNorm"}, "LayerNorm"),
		pooler:     newPooler(w.Sub("pooler"), c.HiddenSize),
	})
}

// newRoBERTaPreLayerNorm is the RoBERTa of Wettig et al., "Should You Mask 15% in
// Masked Language Modeling?", 2022. Its embeddings are normalised too, and its
// last norm is outside of the encoder.
func newRoBERTaPreLayerNorm(w weights.Scope, c *config.BERT) roBERTa {
	after := newLayerNorm(w.Sub("LayerNorm"), c.HiddenSize, c.LayerNormEps)
	return afterPad(c, bert{
		embeddings: newTokenEmbeddings(w.Sub("embeddings"), c, c.HiddenSize),
		encoder:    newPreNormEncoder(w.Sub("encoder"), c, []any{"attention", "LayerNorm"}, []any{"intermediate", "LayerNorm"}, ""),
		after:      &after,
		pooler:     newPooler(w.Sub("pooler"), c.HiddenSize),
	})
}

// newPreNormEncoder has norms at the paths before and after in each layer, and
// one called last at its end, unless that is "".
func newPreNormEncoder(w weights.Scope, c *config.BERT, before, after []any, last string) encoder[preNorm] {
	d := c.HiddenSize
	e := encoder[preNorm]{name: w.Name()}
	for i := range c.NumLayers {
		l := w.Sub("layer", i)
		switch last {
		case "": // RoBERTa-PreLayerNorm
			l.Sub("attention").Order("self", "output", "LayerNorm")
		case "LayerNorm": // XLM-RoBERTa-XL
			l.Order("attention", "intermediate", "output", "LayerNorm")
		}
		e.layers = append(e.layers, preNorm{
			name:      l.Name(),
			before:    newLayerNorm(l.Sub(before...), d, c.LayerNormEps),
			attention: newBERTAttention(l.Sub("attention", "self"), c, true),
			project:   newLinear(l.Sub("attention", "output", "dense"), d, d),
			after:     newLayerNorm(l.Sub(after...), d, c.LayerNormEps),
			mlp:       newBERTMLP(l, c),
		})
	}
	if last != "" {
		norm := newLayerNorm(w.Sub(last), d, c.LayerNormEps)
		e.after = &norm
	}
	return e
}
