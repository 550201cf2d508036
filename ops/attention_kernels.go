package ops

import (
	"fmt"
	"math"

	"github.com/vkdual/vkdual/ops/ref"
	"github.com/vkdual/vkdual/runtime"
	"github.com/vkdual/vkdual/vk"
)

var attentionFamily = family[*attention]{
	op: "attention", kernels: attentionKernels, samples: attentionTrials,
	class: (*attention).class, alike: attentionsAlike, share: 0.3,
	usual: []sample[*attention]{
		attentionTrial{b: 1, t: 128, d: 64, heads: 1, mask: true}, attentionTrial{b: 1, t: 8, d: 64, heads: 1, mask: true},
		attentionTrial{b: 1, t: 128, d: 32, heads: 1, mask: true},
	},
}

// attentionKernels are the shaders of attention*.comp; shaders/README.md says
// how each works.
var attentionKernels = []kernel[*attention]{
	// Software drivers: a subgroup a workgroup.
	{name: "attention_texel_32", needs: texelsAndShuffle, takes: texelHeads(4, 32), record: queries(8).attention("attention_texel_32")},
	{name: "attention_texel", needs: texelsAndShuffle, takes: texelHeads(36, 64), record: queries(8).attention("attention_texel")},
	{name: "attention_texel_128", needs: texelsAndShuffle, takes: texelHeads(68, 128), record: queries(8).attention("attention_texel_128")},
	{name: "attention_quad", needs: quads, takes: heads(64, 64), record: queries(8).attention("attention_quad")},
	{name: "attention_quad_32", needs: quads, takes: heads(32, 32), record: queries(8).attention("attention_quad_32")},
	{name: "attention_quad_80", needs: quads, takes: quadHeads, record: queries(4).attention("attention_quad_80")},
	{name: "attention_quad_128", needs: quads, takes: heads(84, 128), record: queries(4).attention("attention_quad_128")},

	// Any device, any size.
	{name: "attention", record: func(r *runtime.Recorder, a *attention) {
		r.Dispatch(a.dispatch("attention", [3]int{ceil(a.tokens, 32) * ceil(a.head(), 64), a.Heads, a.batch}))
	}},
}

// heads takes heads whose width is a multiple of 4 between least and most.
func heads(least, most int) func(*runtime.Device, *attention) bool {
	return func(_ *runtime.Device, a *attention) bool {
		w := a.head()
		return w%4 == 0 && w >= least && w <= most
	}
}

// quadHeads takes heads of up to 80 elements for which there is no kernel of their own.
func quadHeads(d *runtime.Device, a *attention) bool {
	return heads(4, 80)(d, a) && a.head() != 32 && a.head() != 64
}

// texelHeads takes heads of between least and most elements, as long as the
// projections fit into a texel buffer.
func texelHeads(least, most int) func(*runtime.Device, *attention) bool {
	narrow := heads(least, most)
	return func(d *runtime.Device, a *attention) bool {
		return narrow(d, a) && uint64(a.QKV.Elems())/4 <= d.Info().Limits.MaxTexelBufferElements
	}
}

// queries is how many queries a workgroup of an attention kernel does.
type queries int

func (q queries) attention(module string) func(*runtime.Recorder, *attention) {
	return func(r *runtime.Recorder, a *attention) {
		r.Dispatch(a.dispatch(module, [3]int{ceil(a.tokens, int(q)), a.Heads, a.batch}))
	}
}

func (a *attention) dispatch(module string, groups [3]int) runtime.Dispatch {
	none := runtime.Binding{Tensor: a.QKV, Count: min(4, a.QKV.Elems())} // bound, never read
	bind := []runtime.Binding{{Tensor: a.QKV}, none, {Tensor: a.y}, none}
	biases, regions := 1, 1
	if a.Mask.Valid() {
		bind[1] = runtime.Binding{Tensor: a.Mask}
	}
	if a.Regions.Valid() {
		bind[1], regions = runtime.Binding{Tensor: a.Regions}, a.Regions.Dim(0)
	}
	if a.Bias.Valid() {
		bind[3], biases = runtime.Binding{Tensor: a.Bias}, a.Bias.Dim(0)
	}
	return runtime.Dispatch{
		Op: fmt.Sprintf("attention %d×%d×%d heads %d", a.batch, a.tokens, a.width, a.Heads), Module: module,
		Spec:   []vk.Spec{{ID: 0, Value: flag(a.Mask.Valid())}, {ID: 1, Value: flag(a.Bias.Valid())}, {ID: 2, Value: flag(a.Regions.Valid())}, {ID: 3, Value: flag(a.Causal)}},
		Push:   []uint32{u32(a.batch), u32(a.tokens), u32(a.Heads), u32(a.head()), math.Float32bits(a.Scale), u32(biases), u32(regions), math.Float32bits(a.Apart)},
		Groups: groups, Bind: bind,
		FLOPs: a.flops(),
	}
}

func recordAttentionProbs(r *runtime.Recorder, a *attention) {
	d := a.dispatch("attention_probs", [3]int{a.tokens, a.Heads, a.batch})
	d.Op = "probabilities of " + d.Op
	r.Dispatch(d)
}

func recordAttentionScores(r *runtime.Recorder, a *attention) {
	d := a.dispatch("attention_scores", elementwise(a.y.Elems()))
	d.Op = "scores of " + d.Op
	d.Spec, d.Push, d.Bind = d.Spec[:1], d.Push[:5], d.Bind[:3] // it has neither bias nor regions
	r.Dispatch(d)
}

// attentionTrial is self-attention over random projections. A mask closes
// every third key, and all keys of the last picture or text.
type attentionTrial struct {
	b, t, d, heads int
	mask           bool
	bias           int // groups; 0: none
	regions        int // groups; 0: none
	causal         bool
}

func (t attentionTrial) inputs() (in attentionValues) {
	in.qkv = random(1, t.b*t.t*3*t.d)
	for i := range in.qkv {
		in.qkv[i] *= 2
	}
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
	return s
}

func (t attentionTrial) of(k kernel[*attention]) trial {
	in := t.inputs()
	return trial{
		kernel: k.name, size: t.String(),
		record: func(l *lab) runtime.Tensor {
			a := newAttention(l.r, k.name, t.input(l, in))
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
}

// attentionTrials are what attention kernels are held against.
func attentionTrials() []sample[*attention] {
	var ts []sample[*attention]
	for _, t := range attentionSizes {
		ts = append(ts, t)
	}
	return ts
}

func (a *attention) class() string {
	if a.tokens <= fewTokens {
		return fmt.Sprintf("heads of %d, up to %d tokens", a.head(), fewTokens)
	}
	return fmt.Sprintf("heads of %d, more tokens", a.head())
}

// fewTokens is the number of tokens up to which attention is timed on a short text.
const fewTokens = 16

// attentionsAlike are attentions with heads of a's width and its specialization
// constants: a known answer, and a short text or a picture.
func attentionsAlike(d *runtime.Device, a *attention) (answers, work []sample[*attention]) {
	t := attentionTrial{b: 2, t: 37, heads: 2, mask: a.Mask.Valid(), causal: a.Causal}
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
