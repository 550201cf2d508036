package ops

import (
	"fmt"
	"slices"

	"github.com/vkdual/vkdual/runtime"
	"github.com/vkdual/vkdual/vk"
)

var linearFamily = family[*linear]{
	op: "linear", kernels: linearKernels, samples: linearTrials, edges: linearEdges,
	class: (*linear).class, alike: linearsAlike, share: 0.6,
	usual: []sample[*linear]{linearTrial{m: 192, k: 64, n: 64, bias: true, dtype: runtime.F32}, linearTrial{m: 1, k: 64, n: 64, bias: true, dtype: runtime.F32}},
}

// linearKernels are the shaders of linear.*.comp; shaders/README.md says how
// each works.
var linearKernels = []kernel[*linear]{
	// Software drivers: operands as texels, a subgroup a workgroup.
	{name: "linear_texel", needs: texelsAndShuffle, takes: texelLinear(8, 4, 64), record: texelTiles(16, 64).linear("linear_texel")},
	{name: "linear_texel_wide", needs: texelsAndShuffle, takes: wideTexelLinear, record: texelTiles(16, 128).linear("linear_texel_wide")},
	{name: "linear_texel_m8", needs: texelsAndShuffle, takes: texelLinear(8, 4, 64), record: texelTiles(8, 64).linear("linear_texel_m8")},
	{name: "linear_texel_k4", needs: texelsAndShuffle, takes: texelLinear(4, 4, 64), record: texelTiles(16, 64).linear("linear_texel_k4")},
	{name: "linear_quad_k4", needs: texelsAndQuads, takes: texelLinear(4, 1, 32), record: quadTiles(16).pushed("linear_quad_k4")},
	{name: "linear_quad", needs: texelsAndQuads, takes: texelLinear(8, 1, 32), record: quadTiles(16).pushed("linear_quad")},
	{name: "linear_quad_m8", needs: texelsAndQuads, takes: texelLinear(4, 1, 32), record: quadTiles(8).pushed("linear_quad_m8")},

	// GPUs with matrix units, where the numbers are f16 anyway. The emulations run
	// the same code on devices that have none.
	{name: "linear_coopmat", gpu: true, needs: warps{32, 32}.needs, takes: halves, record: warps{32, 32}.linear},
	{name: "linear_coopmat_wide", gpu: true, needs: warps{64, 64}.needs, takes: halves, record: warps{64, 64}.linear},
	{name: "linear_coopmat_emulated", emulated: true, takes: halves, record: warps{32, 32}.emulated("linear_coopmat_emulated")},
	{name: "linear_coopmat_emulated_4x16x8", emulated: true, takes: halves, record: warps{16, 64}.emulated("linear_coopmat_emulated_4x16x8")},

	// GPUs, where weights are of 8 bits and inputs may be rounded to as many.
	{name: "linear_dot", gpu: true, rounds: true, needs: dotProducts, takes: integers, record: dots(64).linear("linear_dot")},
	{name: "linear_dot_wide", gpu: true, rounds: true, needs: dotProducts, takes: integers, record: dots(128).linear("linear_dot_wide")},
	{name: "linear_dot_emulated", emulated: true, rounds: true, needs: fiveBuffers, takes: integers, record: dots(64).linear("linear_dot_emulated")},

	// GPUs: subgroups for a few rows, tiles in shared memory for more.
	{name: "linear_few", gpu: true, needs: sums, takes: few, record: recordFew},
	{name: "linear_few_emulated", emulated: true, takes: fewSingles, record: recordFewEmulated},
	{name: "linear_tile64", gpu: true, needs: fiveBuffers, record: tiles{rows: 64, columns: 64, vec4: true}.linear("linear_tile64")},
	{name: "linear_tile128", gpu: true, needs: fiveBuffers, record: tiles{rows: 128, columns: 64, vec4: true}.linear("linear_tile128")},
	{name: "linear_tile32", gpu: true, needs: fiveBuffers, record: tiles{rows: 32, columns: 64, vec4: true}.linear("linear_tile32")},

	// Any device, any size.
	{name: "linear", portable: true, needs: fiveBuffers, record: tiles{rows: 64, columns: 64}.linear("linear")},
	{name: "linear_four", frugal: true, record: recordFour},
}

func texelsAndShuffle(i *vk.Info) string {
	if i.Subgroup.Size != 8 || !i.Subgroup.Compute || !i.Subgroup.Shuffle {
		return "subgroups of 8 with shuffles"
	}
	return needTexels(i)
}

func quads(i *vk.Info) string {
	if i.Subgroup.Size != 4 || !i.Subgroup.Compute || !i.Subgroup.Quad {
		return "subgroups of 4 with quad operations"
	}
	return ""
}

func texelsAndQuads(i *vk.Info) string {
	if lacks := quads(i); lacks != "" {
		return lacks
	}
	return needTexels(i)
}

func needTexels(i *vk.Info) string {
	if i.Limits.MaxTexelBufferElements < 1<<16 {
		return "texel buffers"
	}
	return ""
}

// texelLinear takes layers whose inputs and outputs are multiples of k and n,
// as long as a tile of so many columns has its operands in texel buffers. A tile
// of one panel may also be a sum over ranges of the inputs, where no activation
// stands between the sum and the residual.
func texelLinear(k, n, columns int) func(*runtime.Device, *linear) bool {
	return func(d *runtime.Device, l *linear) bool {
		most := d.Info().Limits.MaxTexelBufferElements
		const rows = 16 // of the tallest tile
		wide, tall := uint64(l.w.panelTexels()*columns/panel) <= most, uint64(l.w.In*rows)/4 <= most
		fits := wide && tall || columns == panel && l.act == Identity && !l.w.quantized() && tall
		return l.w.In%k == 0 && l.w.Out%n == 0 && fits
	}
}

// fiveBuffers is what a kernel with a residual binds.
func fiveBuffers(i *vk.Info) string {
	if i.Limits.MaxStorageBuffersPerStage < 5 {
		return "five storage buffers a stage"
	}
	return ""
}

// recordFour has the residual added by a dispatch of its own, so that none binds
// more than four storage buffers.
func recordFour(r *runtime.Recorder, l *linear) {
	t := tiles{rows: 64, columns: 64, vec4: true}
	alone := *l
	alone.residual = runtime.Tensor{}
	t.record(r, &alone, "linear_four"+reads(l.w.dtype), func(d *runtime.Dispatch) {
		d.Bind = slices.Delete(d.Bind, 3, 4)
	})
	if l.residual.Valid() {
		recordAdd(r, l.y, l.residual, l.y)
	}
}

// wideTexelLinear takes those that linear_texel_wide is good for: with Q4 it has
// more values at hand than registers, and is slower than the others.
func wideTexelLinear(d *runtime.Device, l *linear) bool {
	return l.w.dtype != runtime.Q4 && texelLinear(4, 4, 128)(d, l)
}

// tiles are the sizes of a linear kernel's work.
type tiles struct {
	rows, columns int  // of C that a workgroup computes
	texels        bool // A and W are texel buffers, whose size is limited
	vec4          bool // reads and writes may be of four elements, where sizes are multiples

	// A smaller kernel does the rows after the last whole tile, where they are
	// no more than one of its tiles: 5 of ViT's 197.
	rest *rest
}

// A rest is the kernel of a few rows.
type rest struct {
	tiles
	module string
	k      int // it takes inputs that are a multiple of
}

// texelTiles are those of linear_texel*, quadTiles those of linear_quad*.
func texelTiles(rows, columns int) tiles {
	few := tiles{rows: 8, columns: 64, texels: true}
	return tiles{rows: rows, columns: columns, texels: true}.with(rest{few, "linear_texel_m8", 8})
}

func quadTiles(rows int) tiles {
	few := tiles{rows: 8, columns: panel, texels: true}
	return tiles{rows: rows, columns: panel, texels: true}.with(rest{few, "linear_quad_m8", 4})
}

// with leaves few rows to r, unless t is no taller itself.
func (t tiles) with(r rest) tiles {
	if t.rows > r.rows {
		t.rest = &r
	}
	return t
}

// reads is the suffix of the module that reads weights of that type.
func reads(weight runtime.DType) string {
	if weight == runtime.F32 {
		return ""
	}
	return "_" + weight.String()
}

// linear records a layer with a kernel of that module.
func (t tiles) linear(module string) func(*runtime.Recorder, *linear) {
	return func(r *runtime.Recorder, l *linear) {
		t.record(r, l, module+reads(l.w.dtype), func(*runtime.Dispatch) {})
	}
}

// pushed does the same where what follows the sum is a push constant, so that one
// pipeline does it all.
func (t tiles) pushed(module string) func(*runtime.Recorder, *linear) {
	return func(r *runtime.Recorder, l *linear) {
		t.record(r, l, module+reads(l.w.dtype), func(d *runtime.Dispatch) {
			d.Push = append(d.Push, d.Spec[0].Value|d.Spec[2].Value<<1|d.Spec[1].Value<<2)
			d.Spec = nil
		})
	}
}

// record records a layer with a kernel of that module, as one dispatch that
// finish completes or as several. Where texel buffers are small, it is cut into
// ranges of rows, of panels of columns, and of inputs: the first of these has the
// bias and the residual, the others add to its sums. Where it is more work than a
// submit may have, it is cut into ranges of rows.
func (t tiles) record(r *runtime.Recorder, l *linear, module string, finish func(*runtime.Dispatch)) {
	m, n, k := l.rows(), l.w.Out, l.w.In
	rows, columns, depth := m, n, k
	if t.texels {
		most := int(min(r.Device().Info().Limits.MaxTexelBufferElements, 1<<30))
		tall := max(t.rows, 16) // rows of inputs in fours after which any device can bind the next
		rows = min(m, most/(k/4)/tall*tall)
		step := max(t.columns, panel)
		if columns = min(n, most/(l.w.panelTexels()*step/panel)*step); columns == 0 {
			columns, depth = panel, most*4/panel/64*64
		}
	}
	const aligned = 128 // rows after which any device can bind the next, and every tile ends
	if most := r.Device().SubmitFLOPs() / (2 * float64(n) * float64(k)); most < float64(rows) {
		rows = min(rows, max(aligned, int(most)/aligned*aligned))
	}
	for from := 0; from < k; from += depth {
		for row := 0; row < m; row += rows {
			for column := 0; column < n; column += columns {
				h, w, depth := min(rows, m-row), min(columns, n-column), min(depth, k-from)
				over := t.over(h, depth)
				do := func(t tiles, module string, row, h int) {
					d := l.dispatch(t, row, column, from, h, w, depth)
					d.Module = module
					finish(&d)
					r.Dispatch(d)
				}
				do(t, module, row, h-over)
				if over > 0 {
					do(t.rest.tiles, t.rest.module+reads(l.w.dtype), row+h-over, over)
				}
			}
		}
	}
}

// over is how many of h rows are left to the kernel of a few, of layers with k inputs.
func (t tiles) over(h, k int) int {
	if over := h % t.rows; t.rest != nil && over < h && over <= t.rest.rows && k%t.rest.k == 0 {
		return over
	}
	return 0
}

// dispatch does h rows by w columns of y over d inputs, from those places on.
func (l *linear) dispatch(t tiles, row, column, from, h, w, d int) runtime.Dispatch {
	m, n, k := l.rows(), l.w.Out, l.w.In
	bias, residual := l.w.bias, l.residual
	if from > 0 {
		bias, residual = runtime.Tensor{}, l.y
	}
	spec := []vk.Spec{{ID: 0, Value: flag(bias.Valid())}, {ID: 1, Value: uint32(l.act)}, {ID: 2, Value: flag(residual.Valid())}}
	if t.vec4 {
		spec = append(spec, vk.Spec{ID: 3, Value: flag(k%4 == 0)}, vk.Spec{ID: 4, Value: flag(n%4 == 0)})
	}
	if !bias.Valid() {
		bias = l.x // bound, never read
	}
	if !residual.Valid() {
		residual = l.x
	}
	bind := runtime.Bind(l.x, l.w.weight, bias, residual, l.y)
	bind[0].First, bind[0].Count = row*k+from, h*k-from
	if l.w.quantized() {
		words := l.w.weight.Dim(1)
		bind[1].First, bind[1].Count = column/panel*words, ceil(w, panel)*words
	} else {
		bind[1].First, bind[1].Count = column*k+from*panel, d*panel*ceil(w, panel)
	}
	return runtime.Dispatch{
		Op: fmt.Sprintf("linear %d×%d×%d", m, k, n), Spec: spec,
		Push:   []uint32{u32(m), u32(n), u32(d), u32(k), u32(n), u32(n), u32(row), u32(column)},
		Groups: [3]int{ceil(h, t.rows), ceil(w, t.columns), 1}, Bind: bind,
		FLOPs: 2 * float64(h) * float64(w) * float64(d),
	}
}
