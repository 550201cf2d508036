package ops

import (
	"fmt"

	"github.com/vkdual/vkdual/runtime"
	"github.com/vkdual/vkdual/vk"
)

// matrices says what a device lacks for f16 cooperative matrices with f32 sums.
func matrices(i *vk.Info) string {
	if _, ok := fragment(i); !ok || !i.Features.CooperativeMatrix {
		return "cooperative matrices f16·f16+f32 with sides of 8, 16 or 32"
	}
	if lacks := knownSubgroups(i, 4); lacks != "" {
		return lacks
	}
	return fiveBuffers(i)
}

// fragment is the shape of cooperative matrices to use: 16×16×16 where it is
// listed, as almost everywhere, else the largest.
func fragment(i *vk.Info) (best vk.CooperativeMatrix, ok bool) {
	side := func(n uint32) bool { return n == 8 || n == 16 || n == 32 }
	rank := func(m vk.CooperativeMatrix) uint32 {
		if m.M == 16 && m.N == 16 && m.K == 16 {
			return 1 << 31
		}
		return m.M * m.N * m.K
	}
	for _, m := range i.CooperativeMatrices {
		fits := m.A == vk.Float16 && m.B == vk.Float16 && m.C == vk.Float32 && m.Result == vk.Float32 &&
			m.SubgroupScope && !m.Saturating && side(m.M) && side(m.N) && side(m.K)
		if fits && (!ok || rank(m) > rank(best)) {
			best, ok = m, true
		}
	}
	return best, ok
}

// matrixSubgroup is the size of subgroups that multiply matrices, and what
// Dispatch.Subgroup is to be for it. Intel's units need as many lanes as a
// matrix has columns, 8 or 16, while the default is 32.
func matrixSubgroup(i *vk.Info) (lanes, required uint32) {
	const intel = 0x8086
	f, _ := fragment(i)
	if s := i.Subgroup; i.VendorID == intel && s.MinSize < s.MaxSize && s.MinSize <= f.N && f.N <= s.MaxSize {
		return f.N, f.N
	}
	return i.Subgroup.Size, requiredSubgroup(i)
}

// halves takes layers whose weights are f16 and whose inputs may be rounded to
// it, so that a product of f16 loses nothing.
func halves(_ *runtime.Device, l *linear) bool {
	return l.w.dtype == runtime.F16 && l.compute == runtime.F16
}

// warps are the sizes of linear_coopmat's work: of C for each of its four
// subgroups, two by two.
type warps struct{ rows, columns int }

// needs is matrices, and shared memory for a tile of 32 k of both operands and
// for a matrix a subgroup.
func (w warps) needs(i *vk.Info) string {
	if lacks := matrices(i); lacks != "" {
		return lacks
	}
	f, _ := fragment(i)
	const k, spare, eight = 32, 8, 16 // halves, halves at the end of a row, bytes of eight halves
	shared := 2*w.rows*(k+spare)/8*eight + k*(2*w.columns+spare)/8*eight + 4*int(f.M*f.N)*4
	if shared > int(i.Limits.MaxComputeSharedMemory) {
		return fmt.Sprintf("%d KiB of shared memory", ceil(shared, 1<<10))
	}
	return ""
}

// linear records a layer on the device's cooperative matrices.
func (w warps) linear(r *runtime.Recorder, l *linear) {
	i := r.Device().Info()
	f, _ := fragment(i)
	lanes, required := matrixSubgroup(i)
	w.record(r, l, "linear_coopmat", lanes, func(d *runtime.Dispatch) {
		d.Subgroup = required
		d.Spec = append(d.Spec, vk.Spec{ID: 8, Value: f.M}, vk.Spec{ID: 9, Value: f.N}, vk.Spec{ID: 10, Value: f.K})
	})
}

// emulated records a layer with a module whose subgroups are one invocation.
func (w warps) emulated(module string) func(*runtime.Recorder, *linear) {
	return func(r *runtime.Recorder, l *linear) {
		w.record(r, l, module, 1, func(*runtime.Dispatch) {})
	}
}

func (w warps) record(r *runtime.Recorder, l *linear, module string, subgroup uint32, finish func(*runtime.Dispatch)) {
	t := tiles{rows: 2 * w.rows, columns: 2 * w.columns}
	t.record(r, l, module, func(d *runtime.Dispatch) {
		d.Spec = append(d.Spec,
			vk.Spec{ID: 3, Value: flag(l.w.In%4 == 0)},
			vk.Spec{ID: 4, Value: u32(w.rows)}, vk.Spec{ID: 5, Value: u32(w.columns)},
			vk.Spec{ID: 11, Value: 4 * subgroup})
		finish(d)
	})
}
