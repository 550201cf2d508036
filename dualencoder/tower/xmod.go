package tower

import (
	"github.com/vkdual/vkdual/dualencoder/config"
	"github.com/vkdual/vkdual/dualencoder/weights"
	"github.com/vkdual/vkdual/ops"
	"github.com/vkdual/vkdual/runtime"
)

// newXMOD is Pfeiffer et al., "Lifting the Curse of Multilinguality by
// Pre-training Modular Transformers", 2022: a RoBERTa with an adapter for each
// language after each MLP. Only those of one language are read: the class has
// no way to name another for a text.
func newXMOD(w weights.Scope, c *config.XMOD) roBERTa {
	d := c.HiddenSize
	e := encoder[xmodLayer]{name: "encoder"}
	for i := range c.NumLayers {
		e.layers = append(e.layers, newXMODLayer(w.Sub("encoder").Sub("layer", i), c))
	}
	if c.PreNorm {
		norm := newLayerNorm(w.Sub("encoder").Sub("LayerNorm"), d, c.LayerNormEps)
		e.after = &norm
	}
	return afterPad(&c.BERT, bert{
		embeddings: newTokenEmbeddings(w.Sub("embeddings"), &c.BERT, d),
		encoder:    e,
		pooler:     newPooler(w.Sub("pooler"), d),
	})
}

// An xmodLayer normalises before attention and MLP, or after them.
type xmodLayer struct {
	name      string
	preNorm   bool
	attention selfAttention
	project   linear
	attended  layerNorm // of attention's input, or of its sum with the residual
	mlp       mlp
	outward   layerNorm // of the MLP's input, or of the layer's output
	adapter   adapter
}

func newXMODLayer(w weights.Scope, c *config.XMOD) xmodLayer {
	d := c.HiddenSize
	l := xmodLayer{
		name:      w.Name(),
		preNorm:   c.PreNorm,
		attention: newBERTAttention(w.Sub("attention", "self"), &c.BERT, true),
		project:   newLinear(w.Sub("attention", "output", "dense"), d, d),
		attended:  newLayerNorm(w.Sub("attention", "output", "LayerNorm"), d, c.LayerNormEps),
		mlp:       newBERTMLP(w, &c.BERT),
		outward:   newLayerNorm(w.Sub("output", "LayerNorm"), d, c.LayerNormEps),
	}
	modules := w.Sub("output", "adapter_modules")
	w.Sub("output").Order("dense", "LayerNorm", "adapter_layer_norm")
	modules.Order(c.Languages...)
	for _, language := range c.Languages {
		if m := modules.Sub(language); language != c.Language {
			m.Idle("dense1.weight", c.AdapterSize, d)
			m.Idle("dense1.bias", c.AdapterSize)
			m.Idle("dense2.weight", d, c.AdapterSize)
			m.Idle("dense2.bias", d)
		}
	}
	module := w.Sub("output", "adapter_modules", c.Language)
	l.adapter = adapter{
		mlp: mlp{
			up:   linear{module.Name() + ".dense1", module.Sub("dense1").Linear(c.AdapterSize, d)},
			down: linear{module.Name() + ".dense2", module.Sub("dense2").Linear(d, c.AdapterSize)},
			act:  activation(c.HiddenAct),
		},
		normedResidual: c.NormedResidual,
	}
	switch {
	case c.AdapterNorm:
		norm := newLayerNorm(w.Sub("output", "adapter_layer_norm"), d, c.LayerNormEps)
		l.adapter.norm = &norm
	case c.AdapterReuseNorm:
		norm := l.outward
		l.adapter.norm = &norm
		// The module's output is that of its first use.
		if c.PreNorm {
			norm.name += ".adapter"
		} else {
			l.outward.name += ".last"
		}
	}
	return l
}

func (l xmodLayer) Forward(r *runtime.Recorder, x, mask runtime.Tensor, want Want) (y, probs runtime.Tensor) {
	defer r.Scope(l.name)()
	in := x
	if l.preNorm {
		in = l.attended.Forward(r, x)
	}
	context, probs := l.attention.Forward(r, in, mask, want)
	x = ops.Add(r, x, l.project.Forward(r, context))
	if !l.preNorm {
		x = l.attended.Forward(r, x)
	}
	in = x
	if l.preNorm {
		in = l.outward.Forward(r, x)
	}
	x = l.adapter.Forward(r, ops.Add(r, x, l.mlp.Forward(r, in)))
	if !l.preNorm {
		x = l.outward.Forward(r, x)
	}
	return tap(r, x), probs
}

// An adapter is a narrow MLP with a residual around it.
type adapter struct {
	norm           *layerNorm // before it; nil: none
	normedResidual bool
	mlp            mlp
}

func (a adapter) Forward(r *runtime.Recorder, x runtime.Tensor) runtime.Tensor {
	residual := x
	if a.norm != nil {
		x = a.norm.Forward(r, x)
	}
	if a.normedResidual {
		residual = x
	}
	return ops.Add(r, residual, a.mlp.Forward(r, x))
}
