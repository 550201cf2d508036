package ops

import (
	"errors"
	"fmt"
	"math"

	"github.com/vkdual/vkdual/runtime"
)

// AttentionInput is self-attention over tokens whose three projections lie
// side by side.
type AttentionInput struct {
	QKV   runtime.Tensor // [B,T,3·D]: queries, keys, values
	Mask  runtime.Tensor // [B,T], added to the scores of each key; absent: none
	Bias  runtime.Tensor // [G,Heads,T,T], added to the scores of element b mod G of the batch; absent: none
	Heads int            // D is divided into Heads of equal width
	Scale float32        // of the scores; 0: 1/√(D/Heads)

	// Causal says that no query looks at a later key: -1e30 is added to its
	// score, as a mask may add to that of a key.
	Causal bool

	// Regions [G,T] are numbers of regions, F32, in place of a mask: in element
	// b mod G of the batch, Apart is added to the score of a key of another
	// region than the query's. Absent: none.
	Regions runtime.Tensor
	Apart   float32
}

// attention is what an attention kernel records.
type attention struct {
	AttentionInput
	y                    runtime.Tensor // [B,T,D], or [B,Heads,T,T] of the probabilities
	batch, tokens, width int            // B, T, D
	compute              runtime.DType  // what QKV may be rounded to
}

// head is the width of a head.
func (a *attention) head() int { return a.width / a.Heads }

func (a *attention) flops() float64 {
	return 4 * float64(a.batch) * float64(a.tokens) * float64(a.tokens) * float64(a.width)
}

// newAttention checks the input; nil after an error.
func newAttention(r *runtime.Recorder, op string, in AttentionInput) *attention {
	b, t, d := in.QKV.Dim(0), in.QKV.Dim(1), in.QKV.Dim(2)/3
	if !want(r, op, "QKV", in.QKV, runtime.F32, -1, -1, 3*d) {
		return nil
	}
	if in.Heads < 1 || d%in.Heads != 0 {
		r.Fail(fmt.Errorf("ops: %s: width %d in %d heads", op, d, in.Heads))
		return nil
	}
	if in.Mask.Valid() && !want(r, op, "Mask", in.Mask, runtime.F32, b, t) {
		return nil
	}
	if in.Regions.Valid() && (!want(r, op, "Regions", in.Regions, runtime.F32, -1, t) || b%in.Regions.Dim(0) != 0 || in.Mask.Valid()) {
		r.Fail(fmt.Errorf("ops: %s: Regions are %v for a batch of %d with mask %v", op, in.Regions, b, in.Mask))
		return nil
	}
	if in.Bias.Valid() && (!want(r, op, "Bias", in.Bias, runtime.F32, -1, in.Heads, t, t) || b%in.Bias.Dim(0) != 0) {
		r.Fail(fmt.Errorf("ops: %s: Bias is %v for a batch of %d", op, in.Bias, b))
		return nil
	}
	if in.Scale == 0 {
		in.Scale = float32(1 / math.Sqrt(float64(d/in.Heads)))
	}
	return &attention{AttentionInput: in, batch: b, tokens: t, width: d, compute: r.Precision()}
}

// Attention is softmax(scale·q·kᵀ + bias + mask or regions)·v, heads side by side → [B,T,D]
// (Vaswani et al., "Attention Is All You Need", 2017, section 3.2). Scores are
// never in memory; the softmax is taken online (Milakov and Gimelshein, 2018).
func Attention(r *runtime.Recorder, in AttentionInput) runtime.Tensor {
	a := newAttention(r, "Attention", in)
	if a == nil {
		return runtime.Tensor{}
	}
	a.y = r.Temp(runtime.F32, a.batch, a.tokens, a.width)
	Kernels(r.Device()).attentions.record(r, a)
	return a.y
}

// AttentionScores is scale·q·kᵀ → [B,Heads,T,T], the smallest number there is
// where the mask ignores the key.
func AttentionScores(r *runtime.Recorder, in AttentionInput) runtime.Tensor {
	a := newAttention(r, "AttentionScores", in)
	if a == nil {
		return runtime.Tensor{}
	}
	if in.Bias.Valid() || in.Regions.Valid() || in.Causal {
		r.Fail(errors.New("ops: AttentionScores: takes neither Bias nor Regions nor Causal"))
		return runtime.Tensor{}
	}
	a.y = r.Temp(runtime.F32, a.batch, a.Heads, a.tokens, a.tokens)
	recordAttentionScores(r, a)
	return a.y
}

// AttentionProbs is softmax(scale·q·kᵀ + bias + mask or regions) → [B,Heads,T,T], for those who
// want to look at it.
func AttentionProbs(r *runtime.Recorder, in AttentionInput) runtime.Tensor {
	a := newAttention(r, "AttentionProbs", in)
	if a == nil {
		return runtime.Tensor{}
	}
	a.y = r.Temp(runtime.F32, a.batch, a.Heads, a.tokens, a.tokens)
	recordAttentionProbs(r, a)
	return a.y
}
