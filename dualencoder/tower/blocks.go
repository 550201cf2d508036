package tower

import (
	"github.com/vkdual/vkdual/dualencoder/config"
	"github.com/vkdual/vkdual/dualencoder/weights"
	"github.com/vkdual/vkdual/ops"
	"github.com/vkdual/vkdual/runtime"
)

// tap marks x as the output of the module whose scope was entered last.
func tap(r *runtime.Recorder, x runtime.Tensor) runtime.Tensor {
	r.Tap(x)
	return x
}

// A linear is x·Wᵀ + b.
type linear struct {
	name   string
	matrix ops.Matrix
}

func newLinear(w weights.Scope, out, in int) linear {
	return linear{w.Name(), w.Linear(out, in)}
}

func (l linear) Forward(r *runtime.Recorder, x runtime.Tensor) runtime.Tensor {
	defer r.Scope(l.name)()
	return tap(r, ops.Linear(r, x, l.matrix))
}

// A layerNorm is Ba et al., 2016.
type layerNorm struct {
	name        string
	gamma, beta runtime.Tensor
	eps         float64
}

func newLayerNorm(w weights.Scope, n int, eps float64) layerNorm {
	return layerNorm{w.Name(), w.Vector("weight", n), w.Vector("bias", n), eps}
}

func (l layerNorm) Forward(r *runtime.Recorder, x runtime.Tensor) runtime.Tensor {
	defer r.Scope(l.name)()
	return tap(r, ops.LayerNorm(r, x, l.gamma, l.beta, l.eps))
}

// A selfAttention is the multi-head attention of Vaswani et al., 2017, up to
// the heads' concatenation; queries, keys and values come of one product.
type selfAttention struct {
	name     string
	heads    int
	qkv      ops.Matrix
	causal   bool           // no token looks at a later one
	distance distance       // absent: none
	bias     runtime.Tensor // [1,H,T,T], added to the scores; absent: none
	scores   bool           // are given instead of probabilities
}

func newSelfAttention(w weights.Scope, n, heads int, bias bool, query, key, value string) selfAttention {
	return selfAttention{name: w.Name(), heads: heads, qkv: w.Stack(n, n, bias, query, key, value)}
}

// Forward is x [B,T,D], mask [B,T] or absent → context [B,T,D] and, when
// wanted, the attention's probabilities [B,H,T,T].
func (a selfAttention) Forward(r *runtime.Recorder, x, mask runtime.Tensor, want Want) (context, probs runtime.Tensor) {
	defer r.Scope(a.name)()
	in := ops.AttentionInput{QKV: ops.Linear(r, x, a.qkv), Mask: mask, Bias: a.bias, Heads: a.heads, Causal: a.causal}
	if a.distance.table.Valid() {
		in.Bias = a.distance.Forward(r, in)
	}
	context = tap(r, ops.Attention(r, in))
	switch {
	case want.Attentions && a.scores:
		probs = ops.AttentionScores(r, in)
	case want.Attentions:
		probs = ops.AttentionProbs(r, in)
	}
	return context, probs
}

// A layerScale multiplies each feature by a learnt number (Touvron et al.,
// "Going deeper with Image Transformers", 2021). The zero value does nothing.
type layerScale struct {
	name  string // "": it is a parameter of its layer, no module
	gamma runtime.Tensor
}

func (l layerScale) Forward(r *runtime.Recorder, x runtime.Tensor) runtime.Tensor {
	if !l.gamma.Valid() {
		return x
	}
	x = ops.Affine(r, x, l.gamma, runtime.Tensor{})
	if l.name != "" {
		defer r.Scope(l.name)()
		r.Tap(x)
	}
	return x
}

// A feedForward is the part of a layer that looks at each token by itself.
type feedForward interface {
	Forward(r *runtime.Recorder, x runtime.Tensor) runtime.Tensor
}

// An mlp is two linear layers with an activation between them.
type mlp struct {
	up, down linear
	act      ops.Activation
}

func (m mlp) Forward(r *runtime.Recorder, x runtime.Tensor) runtime.Tensor {
	return m.down.Forward(r, ops.Activate(r, m.up.Forward(r, x), m.act))
}

// A pooler is tanh(W·x₀ + b) of the first token, as in BERT.
type pooler struct {
	dense     linear
	activated string // the name of what tanh gives
}

func newPooler(w weights.Scope, n int) pooler {
	return pooler{linear{w.Name() + ".dense", w.AtLeast(runtime.Q8).Sub("dense").Linear(n, n)}, w.Name()}
}

// Forward is x [B,T,D] → [B,D].
func (p pooler) Forward(r *runtime.Recorder, x runtime.Tensor) runtime.Tensor {
	x = ops.Activate(r, p.dense.Forward(r, ops.SelectToken(r, x, 0)), ops.Tanh)
	defer r.Scope(p.activated)()
	return tap(r, x)
}

// patches is a picture as a sequence: patches, embedded by one matrix, between
// learnt tokens, all with learnt positions.
type patches struct {
	name                    string
	embedding               linear
	patchHeight, patchWidth int
	before, after           runtime.Tensor // [S,D], [E,D], or absent
	positions               positions      // [S+P+E,D]; nil: none
}

// newPatches are ViT's, without tokens and positions.
func newPatches(w weights.Scope, c *config.ViT) patches {
	kernel := w.Sub("patch_embeddings", "projection").Kernel(true, c.HiddenSize, c.NumChannels, c.PatchHeight, c.PatchWidth)
	return patches{
		name:        "embeddings",
		embedding:   linear{"patch_embeddings", kernel},
		patchHeight: c.PatchHeight, patchWidth: c.PatchWidth,
	}
}

// Forward is pixels [B,C,H,W] → [B,S+P+E,D].
func (p patches) Forward(r *runtime.Recorder, pixels runtime.Tensor) runtime.Tensor {
	defer r.Scope(p.name)()
	x := p.embedding.Forward(r, ops.Patches(r, pixels, p.patchHeight, p.patchWidth))
	with := ops.Joined{Before: p.before, After: p.after}
	if p.positions != nil {
		with.Positions = p.positions(r, pixels.Dim(2), pixels.Dim(3))
	}
	return tap(r, ops.JoinTokens(r, x, with))
}

// activation is the function of a checked config.
func activation(name string) ops.Activation {
	a, err := ops.ParseActivation(name)
	if err != nil {
		panic("tower: the config let through: " + err.Error())
	}
	return a
}
