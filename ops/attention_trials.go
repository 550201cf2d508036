package ops

import (
	"fmt"
	"math"

	"github.com/vkdual/vkdual/internal/tolerance"
	"github.com/vkdual/vkdual/ops/ref"
	"github.com/vkdual/vkdual/runtime"
	"github.com/vkdual/vkdual/vk"
)

// attentionTrial is self-attention over random projections. A mask closes
// every third key, and all keys of the last picture or text.
type attentionTrial struct {
	b, t, d, heads int
	mask           bool
	bias           int // groups; 0: none
	regions        int // groups; 0: none
	causal         bool
	compute        runtime.DType // what projections may be rounded to: they are made of such numbers
}

func (t attentionTrial) inputs() (in attentionValues) {
	in.qkv = random(1, t.b*t.t*3*t.d)
	for i := range in.qkv {
		in.qkv[i] *= 2
	}
	in.qkv = held(in.qkv, t.compute)
	if t.bias > 0 {
		in.bias = random(2, t.bias*t.heads*t.t*t.t)
	}
	if t.regions > 0 {
		in.regions = make([]float64, t.regions*t.t)
		for i := range in.regions {
			in.regions[i] = float64((i * i / 5) % 3)
		}
	}
	if !t.mask {
		return in
	}
	in.mask = make([]float64, t.b*t.t)
	for i := range in.mask {
		if i%3 == 2 || i/t.t == t.b-1 {
			in.mask[i] = -math.MaxFloat32
			if t.causal {
				in.mask[i] = -1e30 // as far off as a later key
			}
		}
	}
	return in
}

// attentionValues are a trial's inputs; nil: absent.
type attentionValues struct{ qkv, mask, bias, regions []float64 }

// apart is what a trial adds between regions: not so much that a wrong region would not show.
const apart = -1.5

func (t attentionTrial) input(l *lab, v attentionValues) AttentionInput {
	in := AttentionInput{QKV: l.input(v.qkv, t.b, t.t, 3*t.d), Heads: t.heads, Causal: t.causal}
	if v.mask != nil {
		in.Mask = l.input(v.mask, t.b, t.t)
	}
	if v.bias != nil {
		in.Bias = l.input(v.bias, t.bias, t.heads, t.t, t.t)
	}
	if v.regions != nil {
		in.Regions, in.Apart = l.input(v.regions, t.regions, t.t), apart
	}
	return in
}

func (t attentionTrial) ref(v attentionValues) ref.AttentionInput {
	return ref.AttentionInput{QKV: v.qkv, Mask: v.mask, Bias: v.bias, Regions: v.regions, Apart: apart, Causal: t.causal,
		Batch: t.b, Tokens: t.t, Width: t.d, Heads: t.heads, Scale: t.scale()}
}

func (t attentionTrial) scale() float64 { return 1 / math.Sqrt(float64(t.d/t.heads)) }

func (t attentionTrial) String() string {
	s := fmt.Sprintf("%d×%d×%d heads %d", t.b, t.t, t.d, t.heads)
	if t.mask {
		s += " mask"
	}
	if t.bias > 0 {
		s += fmt.Sprintf(" bias %d", t.bias)
	}
	if t.regions > 0 {
		s += fmt.Sprintf(" regions %d", t.regions)
	}
	if t.causal {
		s += " causal"
	}
	if t.compute == runtime.F16 {
		s += " f16"
	}
	return s
}

func (t attentionTrial) of(k kernel[*attention]) trial {
	in := t.inputs()
	allowed := tolerance.Kernel
	if k.rounds {
		allowed = tolerance.KernelRounding
	}
	return trial{
		kernel: k.name, size: t.String(), allowed: allowed,
		record: func(l *lab) runtime.Tensor {
			a := newAttention(l.r, k.name, t.input(l, in))
			if a != nil {
				a.compute = t.compute
			}
			if k.takes != nil && !k.takes(l.r.Device(), a) {
				l.fail(errNotTaken)
				return runtime.Tensor{}
			}
			a.y = l.r.Temp(runtime.F32, t.b, t.t, t.d)
			k.record(l.r, a)
			return a.y
		},
		want: func() []float64 { return ref.Attention(t.ref(in)) },
	}
}

func (t attentionTrial) probs() trial {
	in := t.inputs()
	return trial{
		kernel: "attention_probs", size: t.String(),
		record: func(l *lab) runtime.Tensor { return AttentionProbs(l.r, t.input(l, in)) },
		want:   func() []float64 { return ref.AttentionProbs(t.ref(in)) },
	}
}

func (t attentionTrial) scores() trial {
	in := t.inputs()
	return trial{
		kernel: "attention_scores", size: t.String(),
		record: func(l *lab) runtime.Tensor { return AttentionScores(l.r, t.input(l, in)) },
		want:   func() []float64 { return ref.AttentionScores(t.ref(in)) },
	}
}

var attentionSizes = []attentionTrial{
	{b: 2, t: 37, d: 128, heads: 2, mask: true},
	{b: 1, t: 65, d: 128, heads: 2},
	{b: 1, t: 1, d: 64, heads: 1},
	{b: 3, t: 13, d: 64, heads: 4, mask: true},
	{b: 2, t: 10, d: 32, heads: 4},
	{b: 1, t: 131, d: 192, heads: 3, mask: true},
	{b: 2, t: 7, d: 30, heads: 3, mask: true},
	{b: 1, t: 67, d: 74, heads: 2},
	{b: 1, t: 5, d: 1, heads: 1},
	{b: 1, t: 19, d: 160, heads: 1, mask: true},
	{b: 1, t: 9, d: 256, heads: 1},
	{b: 2, t: 33, d: 260, heads: 1, bias: 2},
	{b: 6, t: 17, d: 24, heads: 3, bias: 3, mask: true},
	{b: 2, t: 65, d: 64, heads: 1, bias: 1},
	{b: 6, t: 17, d: 24, heads: 3, bias: 1, regions: 3},
	{b: 2, t: 67, d: 64, heads: 1, regions: 2},
	{b: 4, t: 49, d: 96, heads: 3, bias: 2, regions: 4},
	{b: 2, t: 34, d: 144, heads: 2, bias: 1, mask: true},
	{b: 1, t: 45, d: 96, heads: 1, bias: 1},
	{b: 2, t: 23, d: 96, heads: 3, mask: true},
	{b: 1, t: 70, d: 256, heads: 2, mask: true},
	{b: 2, t: 77, d: 128, heads: 2, mask: true, causal: true},
	{b: 3, t: 21, d: 64, heads: 2, causal: true},
	{b: 2, t: 38, d: 22, heads: 2, bias: 2, mask: true, causal: true},
	{b: 1, t: 67, d: 96, heads: 1, mask: true, causal: true},
	{b: 2, t: 37, d: 128, heads: 2, mask: true, compute: runtime.F16},
	{b: 1, t: 67, d: 256, heads: 2, compute: runtime.F16},
}

// attentionEdges are the sizes for emulated kernels, few, since software drivers
// take long to compile one: every option, in two pipelines, with heads that do
// not fill their tiles.
var attentionEdges = []attentionTrial{
	{b: 2, t: 37, d: 152, heads: 2, bias: 1, mask: true, causal: true, compute: runtime.F16},
	{b: 1, t: 1, d: 76, heads: 1, bias: 1, mask: true, causal: true, compute: runtime.F16},
	{b: 4, t: 67, d: 76, heads: 1, bias: 2, regions: 4, compute: runtime.F16},
}

// attentionTrials are what attention kernels are held against.
func attentionTrials(sizes []attentionTrial) func() []sample[*attention] {
	return func() (ts []sample[*attention]) {
		for _, t := range sizes {
			ts = append(ts, t)
		}
		return ts
	}
}

func (a *attention) class() string {
	class := fmt.Sprintf("heads of %d", a.head())
	if a.compute == runtime.F16 {
		class += " in f16"
	}
	if a.tokens <= fewTokens {
		return class + fmt.Sprintf(", up to %d tokens", fewTokens)
	}
	return class + ", more tokens"
}

// fewTokens is the number of tokens up to which attention is timed on a short text.
const fewTokens = 16

// attentionsAlike are attentions with heads of a's width and its specialization
// constants: a known answer, and a short text or a picture.
func attentionsAlike(d *runtime.Device, a *attention) (answers, work []sample[*attention]) {
	t := attentionTrial{b: 2, t: 37, heads: 2, mask: a.Mask.Valid(), causal: a.Causal, compute: a.compute}
	if a.Bias.Valid() {
		t.bias = 1
	}
	if a.Regions.Valid() {
		t.regions = 2
	}
	if a.tokens <= fewTokens {
		t.t = 13
	}
	t.d = t.heads * a.head()
	answers = []sample[*attention]{t}
	t.b, t.t, t.heads = 1, 128, 4
	switch {
	case a.tokens <= fewTokens:
		t.t = fewTokens
	case d.Info().Type != vk.CPU:
		t.b, t.t, t.heads = 4, 256, 12
	}
	if t.regions > 0 {
		t.regions = t.b
	}
	t.d = t.heads * a.head()
	return answers, []sample[*attention]{t}
}
