package tower

import (
	"github.com/vkdual/vkdual/dualencoder/config"
	"github.com/vkdual/vkdual/dualencoder/weights"
	"github.com/vkdual/vkdual/ops"
	"github.com/vkdual/vkdual/runtime"
)

// An altCLIPText is the text tower of Chen et al., "AltCLIP: Altering the
// Language Encoder in CLIP for Extended Language Capabilities", 2022: an
// XLM-RoBERTa, whose states are normalised and projected; the first token's
// stands for the text.
type altCLIPText struct {
	roBERTa
	name    string
	norm    layerNorm
	project linear
}

func newAltCLIPText(w weights.Scope, c *config.AltCLIPText) altCLIPText {
	inner := w.Sub("roberta")
	w.Order("roberta", "transformation", "pre_LN")
	return altCLIPText{
		roBERTa: afterPad(&c.BERT, newBERTWithoutPooler(inner, &c.BERT)),
		name:    inner.Name(),
		norm:    newLayerNorm(w.Sub("pre_LN"), c.HiddenSize, c.LayerNormEps),
		project: newLinear(w.Sub("transformation"), c.ProjectDim, c.HiddenSize),
	}
}

func (t altCLIPText) Forward(r *runtime.Recorder, in TextInput, want Want) Output {
	out := t.states(r, in, want)
	out.Last = t.project.Forward(r, t.norm.Forward(r, out.Last))
	out.Pooled = ops.SelectToken(r, out.Last, 0)
	return out
}

func (t altCLIPText) states(r *runtime.Recorder, in TextInput, want Want) Output {
	defer r.Scope(t.name)()
	out := t.encoder.Forward(r, t.embeddings.Forward(r, in), in.Mask, want)
	r.Tap(out.Last)
	return out
}
