package tower

import (
	"github.com/vkdual/vkdual/ops"
	"github.com/vkdual/vkdual/runtime"
)

// A layer is one block of an encoder: x [B,T,D], mask [B,T] or absent → y
// [B,T,D] and, when wanted, the attention's probabilities.
type layer interface {
	Forward(r *runtime.Recorder, x, mask runtime.Tensor, want Want) (y, probs runtime.Tensor)
}

// An encoder is layers one after another.
type encoder[L layer] struct {
	name   string
	layers []L
	after  *layerNorm // nil: none
}

// Forward is x [B,T,D] → the last layer's output, and what else is wanted.
func (e encoder[L]) Forward(r *runtime.Recorder, x, mask runtime.Tensor, want Want) Output {
	defer r.Scope(e.name)()
	var out Output
	for _, l := range e.layers {
		if want.HiddenStates {
			out.HiddenStates = append(out.HiddenStates, x)
		}
		var probs runtime.Tensor
		x, probs = l.Forward(r, x, mask, want)
		if want.Attentions {
			out.Attentions = append(out.Attentions, probs)
		}
	}
	if e.after != nil {
		x = e.after.Forward(r, x)
	}
	if want.HiddenStates {
		out.HiddenStates = append(out.HiddenStates, x)
	}
	out.Last = tap(r, x)
	return out
}

// A preNorm layer normalises before attention and MLP, as ViT and CLIP do, and
// may scale what they add.
type preNorm struct {
	name          string
	before, after layerNorm
	attention     selfAttention
	project       linear
	mlp           feedForward
	scales        [2]layerScale // of what is added to the residual
}

func (l preNorm) Forward(r *runtime.Recorder, x, mask runtime.Tensor, want Want) (y, probs runtime.Tensor) {
	defer r.Scope(l.name)()
	context, probs := l.attention.Forward(r, l.before.Forward(r, x), mask, want)
	x = ops.Add(r, x, l.scales[0].Forward(r, l.project.Forward(r, context)))
	return tap(r, ops.Add(r, x, l.scales[1].Forward(r, l.mlp.Forward(r, l.after.Forward(r, x))))), probs
}

// A postNorm layer normalises each sum with the residual, as BERT does.
type postNorm struct {
	name              string
	attention         selfAttention
	project           linear
	attended, outward layerNorm
	mlp               mlp
}

func (l postNorm) Forward(r *runtime.Recorder, x, mask runtime.Tensor, want Want) (y, probs runtime.Tensor) {
	defer r.Scope(l.name)()
	context, probs := l.attention.Forward(r, x, mask, want)
	x = l.attended.Forward(r, ops.Add(r, x, l.project.Forward(r, context)))
	return tap(r, l.outward.Forward(r, ops.Add(r, x, l.mlp.Forward(r, x)))), probs
}
