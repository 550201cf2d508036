package ops

import (
	"fmt"

	"github.com/vkdual/vkdual/runtime"
	"github.com/vkdual/vkdual/vk"
)

var linearFamily = family[*linear]{"linear", linearKernels, linearTrials, linearWork}

// linearKernels are the shaders of linear.*.comp; shaders/README.md says how
// each works.
var linearKernels = []kernel[*linear]{
	// Software drivers: operands as texels, a subgroup a workgroup.
	{name: "linear_texel_wide", needs: texelsAndShuffle, takes: texelLinear(4, 4, 128), record: tiles{rows: 16, columns: 128, texels: true}.linear("linear_texel_wide")},
	{name: "linear_texel", needs: texelsAndShuffle, takes: texelLinear(4, 4, 64), record: tiles{rows: 16, columns: 64, texels: true}.linear("linear_texel")},
	{name: "linear_texel_m8", needs: texelsAndShuffle, takes: texelLinear(4, 4, 64), record: tiles{rows: 8, columns: 64, texels: true}.linear("linear_texel_m8")},
	{name: "linear_quad", needs: texelsAndQuads, takes: texelLinear(8, 1, 64), record: tiles{rows: 16, columns: 32, texels: true}.linear("linear_quad")},

	// Any device, any size.
	{name: "linear", record: tiles{rows: 64, columns: 64}.linear("linear")},
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
// as long as a tile of so many columns has its operands in texel buffers.
func texelLinear(k, n, columns int) func(*runtime.Device, *linear) bool {
	return func(d *runtime.Device, l *linear) bool {
		most := d.Info().Limits.MaxTexelBufferElements
		return l.w.In%k == 0 && l.w.Out%n == 0 && uint64(l.w.In*columns)/4 <= most
	}
}

// tiles are the sizes of a linear kernel's work.
type tiles struct {
	rows, columns int  // of C that a workgroup computes
	texels        bool // A and W are texel buffers, whose size is limited
}

// reads is the suffix of the module that reads weights of that type. Texel
// buffers convert f16 by themselves.
func (t tiles) reads(weight runtime.DType) string {
	switch {
	case weight == runtime.BF16:
		return "_bf16"
	case weight == runtime.F16 && !t.texels:
		return "_f16"
	}
	return ""
}

// linear records a layer with a kernel of that module. Where texel buffers are
// small, it is cut into ranges of rows and of panels of columns.
func (t tiles) linear(module string) func(*runtime.Recorder, *linear) {
	return func(r *runtime.Recorder, l *linear) {
		m, n, k := l.rows(), l.w.Out, l.w.In
		rows, columns := m, n
		if t.texels {
			most := int(min(r.Device().Info().Limits.MaxTexelBufferElements, 1<<30))
			rows = min(m, most/(k/4)/t.rows*t.rows)
			step := max(t.columns, panel)
			columns = min(n, most/(k*step/4)*step)
		}
		name := module + t.reads(l.w.weight.DType())
		bias, residual := l.w.bias, l.residual
		if !bias.Valid() {
			bias = l.x // bound, never read
		}
		if !residual.Valid() {
			residual = l.x
		}
		spec := []vk.Spec{{ID: 0, Value: flag(l.w.bias.Valid())}, {ID: 1, Value: uint32(l.act)}, {ID: 2, Value: flag(l.residual.Valid())}}
		for row := 0; row < m; row += rows {
			for column := 0; column < n; column += columns {
				h, w := min(rows, m-row), min(columns, n-column)
				bind := runtime.Bind(l.x, l.w.weight, bias, residual, l.y)
				bind[0].First, bind[0].Count = row*k, h*k
				bind[1].First, bind[1].Count = column*k, ceil(w, panel)*panel*k
				r.Dispatch(runtime.Dispatch{
					Op: fmt.Sprintf("linear %d×%d×%d", m, k, n), Module: name, Spec: spec,
					Push:   []uint32{u32(m), u32(n), u32(k), u32(k), u32(n), u32(n), u32(row), u32(column)},
					Groups: [3]int{ceil(h, t.rows), ceil(w, t.columns), 1}, Bind: bind,
					FLOPs: 2 * float64(h) * float64(w) * float64(k),
				})
			}
		}
	}
}
