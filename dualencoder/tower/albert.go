package tower

import (
	"fmt"

	"github.com/vkdual/vkdual/dualencoder/config"
	"github.com/vkdual/vkdual/dualencoder/weights"
	"github.com/vkdual/vkdual/runtime"
)

// newALBERT is Lan et al., "ALBERT: A Lite BERT for Self-supervised Learning of
// Language Representations", 2019: a BERT with narrow embeddings and few layers,
// each run many times.
func newALBERT(w weights.Scope, c *config.ALBERT) bert {
	widen := newLinear(w.Sub("encoder", "embedding_hidden_mapping_in"), c.HiddenSize, c.EmbeddingSize)
	e := albertEncoder{name: "encoder", steps: c.NumLayers}
	for i := range c.Groups {
		group := w.Sub("encoder").Sub("albert_layer_groups", i)
		layers := make([]postNorm, c.GroupLayers)
		for k := range layers {
			layers[k] = newALBERTLayer(group.Sub("albert_layers", k), &c.BERT)
		}
		e.groups = append(e.groups, layers)
	}
	return bert{
		fromZero:   fromZero{newTextLimits(&c.BERT)},
		embeddings: newTokenEmbeddings(w.Sub("embeddings"), &c.BERT, c.EmbeddingSize),
		widen:      &widen,
		encoder:    e,
		pooler:     pooler{newLinear(w.AtLeast(runtime.Q8).Sub("pooler"), c.HiddenSize, c.HiddenSize), "pooler_activation"},
	}
}

func newALBERTLayer(w weights.Scope, c *config.BERT) postNorm {
	d := c.HiddenSize
	w.Order("full_layer_layer_norm", "attention", "ffn", "ffn_output")
	w.Sub("attention").Order("query", "key", "value", "dense", "LayerNorm", "distance_embedding")
	attention := newBERTAttention(w.Sub("attention"), c, true)
	attention.name = "attention.context" // the module's own output is normalised
	attention.distance.scale = 1         // there, distances are added after the scores are scaled
	return postNorm{
		name:      w.Name(),
		attention: attention,
		project:   newLinear(w.Sub("attention", "dense"), d, d),
		attended:  newLayerNorm(w.Sub("attention", "LayerNorm"), d, c.LayerNormEps),
		mlp: mlp{
			up:   newLinear(w.Sub("ffn"), c.IntermediateSize, d),
			down: newLinear(w.Sub("ffn_output"), d, c.IntermediateSize),
			act:  activation(c.HiddenAct),
		},
		outward: newLayerNorm(w.Sub("full_layer_layer_norm"), d, c.LayerNormEps),
	}
}

// An albertEncoder runs a group of layers at each of its steps; the steps are
// shared out among the groups.
type albertEncoder struct {
	name   string
	steps  int
	groups [][]postNorm
}

func (e albertEncoder) Forward(r *runtime.Recorder, x, mask runtime.Tensor, want Want) Output {
	defer r.Scope(e.name)()
	var out Output
	before := -1
	for step := range e.steps {
		if want.HiddenStates {
			out.HiddenStates = append(out.HiddenStates, x)
		}
		g := e.group(step)
		name := fmt.Sprintf("albert_layer_groups.%d", g)
		if g == before { // its modules' outputs are those of the first time
			name += fmt.Sprintf(".step.%d", step)
		}
		before = g
		var probs []runtime.Tensor
		x, probs = e.run(r, name, g, x, mask, want)
		out.Attentions = append(out.Attentions, probs...)
	}
	if want.HiddenStates {
		out.HiddenStates = append(out.HiddenStates, x)
	}
	out.Last = tap(r, x)
	return out
}

// group is the one of a step, in the reference's arithmetic.
func (e albertEncoder) group(step int) int {
	return int(float64(step) / (float64(e.steps) / float64(len(e.groups))))
}

// run is one step; each layer of the group gives its own probabilities.
func (e albertEncoder) run(r *runtime.Recorder, name string, g int, x, mask runtime.Tensor, want Want) (y runtime.Tensor, all []runtime.Tensor) {
	defer r.Scope(name)()
	for _, l := range e.groups[g] {
		var probs runtime.Tensor
		if x, probs = l.Forward(r, x, mask, want); want.Attentions {
			all = append(all, probs)
		}
	}
	return tap(r, x), all
}
