package tower

import (
	"github.com/vkdual/vkdual/dualencoder/config"
	"github.com/vkdual/vkdual/dualencoder/weights"
)

// newIBERT is Kim et al., "I-BERT: Integer-only BERT Quantization", 2021, before
// it is quantised: a RoBERTa. What the quantisation would need is in the file.
func newIBERT(w weights.Scope, c *config.BERT) roBERTa {
	e := w.Sub("embeddings")
	e.Order("word_embeddings", "token_type_embeddings", "position_embeddings", "embeddings_act1", "embeddings_act2", "LayerNorm", "output_activation")
	for i := range c.NumLayers {
		l := w.Sub("encoder").Sub("layer", i)
		l.Order("attention", "intermediate", "output")
		l.Sub("attention").Order("self", "output")
		for _, output := range []weights.Scope{l.Sub("attention", "output"), l.Sub("output")} {
			output.Order("dense", "ln_input_act", "LayerNorm", "output_activation")
		}
	}
	b := newRoBERTa(w, c)
	d := c.HiddenSize
	table := func(name string, rows int) {
		e.Sub(name).Idle("weight_scaling_factor", 1)
		e.Sub(name).Idle("weight_integer", rows, d)
	}
	table("word_embeddings", c.VocabSize)
	if c.TypeVocabSize > 0 {
		table("token_type_embeddings", c.TypeVocabSize)
	}
	table("position_embeddings", c.MaxPositions)
	quantised(e, "embeddings_act1", "embeddings_act2")
	quantisedNorm(e)
	for i := range c.NumLayers {
		l := w.Sub("encoder").Sub("layer", i)
		self, attended, middle, out := l.Sub("attention", "self"), l.Sub("attention", "output"), l.Sub("intermediate"), l.Sub("output")
		for _, name := range []string{"query", "key", "value"} {
			quantisedLinear(self.Sub(name), d, d)
		}
		quantised(self, "query_activation", "key_activation", "value_activation", "output_activation", "softmax.act")
		quantisedLinear(attended.Sub("dense"), d, d)
		quantisedLinear(middle.Sub("dense"), c.IntermediateSize, d)
		quantised(middle, "output_activation")
		quantisedLinear(out.Sub("dense"), d, c.IntermediateSize)
		for _, w := range []weights.Scope{attended, out} {
			quantised(w, "ln_input_act")
			quantisedNorm(w)
		}
		quantised(l, "pre_intermediate_act", "pre_output_act")
	}
	return b
}

// quantisedNorm are the buffers of a layer norm, and of what comes after it.
func quantisedNorm(w weights.Scope) {
	w.Sub("LayerNorm").Idle("shift", 1)
	quantised(w, "LayerNorm.activation", "output_activation")
}

func quantisedLinear(w weights.Scope, out, in int) {
	w.Idle("weight_integer", out, in)
	w.Idle("fc_scaling_factor", out)
	w.Idle("bias_integer", out)
}

// quantised are the buffers of activations: their range, and a step.
func quantised(w weights.Scope, names ...string) {
	for _, n := range names {
		w.Sub(n).Idle("x_min", 1)
		w.Sub(n).Idle("x_max", 1)
		w.Sub(n).Idle("act_scaling_factor", 1)
	}
}
