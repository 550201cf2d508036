package ops

import (
	"fmt"
	"math"

	"github.com/vkdual/vkdual/runtime"
	"github.com/vkdual/vkdual/vk"
)

var attentionFamily = family[*attention]{
	op: "attention", kernels: attentionKernels, samples: attentionTrials(attentionSizes), edges: attentionTrials(attentionEdges),
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

	// GPUs: tiles of queries against tiles of keys and values. With matrix units
	// only where the numbers are f16 anyway. The emulations run the same code on
	// devices that lack what it needs.
	{name: "attention_flash_coopmat", gpu: true, rounds: true, needs: matrices, takes: flashMatrices{}.takes, record: flashMatrices{}.record},
	{name: "attention_flash_subgroup", gpu: true, needs: clusters, takes: flash{shuffles: true}.takes, record: flash{shuffles: true}.record("attention_flash_subgroup")},
	{name: "attention_flash", portable: true, takes: flash{}.takes, record: flash{}.record("attention_flash")},
	{name: "attention_flash_coopmat_emulated", emulated: true, rounds: true, takes: emulatedMatrices.takes, record: emulatedMatrices.emulated("attention_flash_coopmat_emulated")},
	{name: "attention_flash_subgroup_emulated", emulated: true, takes: flash{emulated: true}.takes, record: flash{emulated: true}.record("attention_flash_subgroup_emulated")},

	// Any device, any size.
	{name: "attention", portable: true, record: func(r *runtime.Recorder, a *attention) {
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
