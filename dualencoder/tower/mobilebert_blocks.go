package tower

import (
	"github.com/vkdual/vkdual/dualencoder/config"
	"github.com/vkdual/vkdual/dualencoder/weights"
	"github.com/vkdual/vkdual/ops"
	"github.com/vkdual/vkdual/runtime"
)

// torchEps is PyTorch's default: two of MobileBERT's norms are made without
// layer_norm_eps.
const torchEps = 1e-5

// A mobileNorm is a layer norm, or only its scale and shift.
type mobileNorm struct {
	layerNorm
	bare bool
}

func newMobileNorm(w weights.Scope, c *config.MobileBERT, n int, eps float64) mobileNorm {
	if c.LayerNorm {
		return mobileNorm{layerNorm: newLayerNorm(w, n, eps)}
	}
	beta := w.Vector("bias", n) // there it is the first of the two
	return mobileNorm{layerNorm{w.Name(), w.Vector("weight", n), beta, eps}, true}
}

func (n mobileNorm) Forward(r *runtime.Recorder, x runtime.Tensor) runtime.Tensor {
	if !n.bare {
		return n.layerNorm.Forward(r, x)
	}
	defer r.Scope(n.name)()
	return tap(r, ops.Affine(r, x, n.gamma, n.beta))
}

// A mobileBlock is a linear layer and a norm.
type mobileBlock struct {
	name  string
	dense linear
	norm  mobileNorm
}

func newMobileBlock(w weights.Scope, c *config.MobileBERT, out, in int, eps float64) mobileBlock {
	return mobileBlock{w.Name(), newLinear(w.Sub("dense"), out, in), newMobileNorm(w.Sub("LayerNorm"), c, out, eps)}
}

func (b mobileBlock) Forward(r *runtime.Recorder, x runtime.Tensor) runtime.Tensor {
	defer r.Scope(b.name)()
	return b.norm.Forward(r, b.dense.Forward(r, x))
}

// Add is Forward with a residual before the norm.
func (b mobileBlock) Add(r *runtime.Recorder, residual, x runtime.Tensor) runtime.Tensor {
	defer r.Scope(b.name)()
	return b.norm.Forward(r, ops.Add(r, residual, b.dense.Forward(r, x)))
}

// A mobileMLP is an MLP with the residual and the norm after it.
type mobileMLP struct {
	name string // "": it is of its layer, no module
	up   linear
	act  ops.Activation
	down mobileBlock
}

func newMobileMLP(w weights.Scope, c *config.MobileBERT, eps float64) mobileMLP {
	return mobileMLP{
		name: w.Name(),
		up:   newLinear(w.Sub("intermediate", "dense"), c.IntermediateSize, c.InnerSize),
		act:  activation(c.HiddenAct),
		down: newMobileBlock(w.Sub("output"), c, c.InnerSize, c.IntermediateSize, eps),
	}
}

func (m mobileMLP) Forward(r *runtime.Recorder, x runtime.Tensor) runtime.Tensor {
	if m.name != "" {
		defer r.Scope(m.name)()
	}
	return m.down.Add(r, x, ops.Activate(r, m.up.Forward(r, x), m.act))
}

// A mobileAttention takes queries and keys from one input, and values from
// another that may have another width. Where they differ, two products with
// zeros for the other's part are added: one tensor holds all three.
type mobileAttention struct {
	name   string
	heads  int
	narrow bool       // all three come of the narrow input
	one    bool       // all three come of one input: qk is qkv
	qk, v  ops.Matrix // [3·D,·]
}

func newMobileAttention(w weights.Scope, c *config.MobileBERT) mobileAttention {
	a := mobileAttention{name: w.Name(), heads: c.NumHeads, narrow: c.Bottleneck && c.BottleneckAttention}
	a.one = !c.Bottleneck || c.BottleneckAttention || !c.SharedBottleneck
	n := c.InnerSize
	if a.one {
		a.qk = w.Stack(n, n, true, "query", "key", "value")
		return a
	}
	a.qk = w.Stack(n, n, true, "query", "key", weights.Zeros)
	a.v = w.Stack(n, c.HiddenSize, true, weights.Zeros, weights.Zeros, "value")
	return a
}

func (a mobileAttention) Forward(r *runtime.Recorder, queries, values, mask runtime.Tensor, want Want) (context, probs runtime.Tensor) {
	defer r.Scope(a.name)()
	qkv := ops.Linear(r, queries, a.qk)
	if !a.one {
		qkv = ops.Add(r, qkv, ops.Linear(r, values, a.v))
	}
	in := ops.AttentionInput{QKV: qkv, Mask: mask, Heads: a.heads}
	context = tap(r, ops.Attention(r, in))
	if want.Attentions {
		probs = ops.AttentionProbs(r, in)
	}
	return context, probs
}
