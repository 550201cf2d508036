package ops

import (
	"math/bits"

	"github.com/vkdual/vkdual/runtime"
	"github.com/vkdual/vkdual/vk"
)

// flash are the kernels of attention_flash.comp: tiles of 32 queries.
type flash struct {
	shuffles bool // neighbours agree by shuffles, else through shared memory
	emulated bool // shuffles through shared memory
}

// flashTile is how a flash kernel lays out its work for a width of head.
type flashTile struct{ head, keys, across uint32 }

// clusters says what a device lacks for shuffles among at most 16 neighbours.
func clusters(i *vk.Info) string {
	s := i.Subgroup
	if !s.Compute || !s.Basic || !s.Shuffle || s.Size < 4 || s.Size > 64 || bits.OnesCount32(s.Size) != 1 {
		return "subgroups of 4 to 64 with shuffles"
	}
	return knownSubgroups(i, 1)
}

// tile is the layout for a; ok is false where the tiles do not fit into shared
// memory.
func (f flash) tile(i *vk.Info, a *attention) (t flashTile, ok bool) {
	const comfortable = 24 << 10 // bytes, of which the smallest GPUs hold two workgroups
	t = flashTile{head: roundUp(a.head(), 8), across: 16}
	if t.head <= 32 {
		t.across = 8 // all have a part of y
	}
	if f.shuffles {
		t.across = min(t.across, i.Subgroup.Size)
	}
	limit := i.Limits.MaxComputeSharedMemory
	if f.emulated {
		limit -= 256 * 16 // of include/subgroup.glsl
	}
	for _, t.keys = range []uint32{32, 16} {
		bytes := 16 * ((32+t.keys)*(t.head/4+1) + 32*(t.keys/4+1))
		if bytes <= min(limit, comfortable) || t.keys == 16 && bytes <= limit {
			return t, 8*t.across <= i.Limits.MaxWorkgroupInvocations
		}
	}
	return t, false
}

// takes heads whose width is a multiple of 4, as long as the tiles fit.
func (f flash) takes(d *runtime.Device, a *attention) bool {
	_, fits := f.tile(d.Info(), a)
	return a.head()%4 == 0 && fits
}

func (f flash) record(module string) func(*runtime.Recorder, *attention) {
	return func(r *runtime.Recorder, a *attention) {
		i := r.Device().Info()
		t, _ := f.tile(i, a)
		d := a.dispatch(module, [3]int{ceil(a.tokens, 32), a.Heads, a.batch})
		d.Spec = append(d.Spec, vk.Spec{ID: 4, Value: t.head}, vk.Spec{ID: 5, Value: t.keys}, vk.Spec{ID: 6, Value: t.across}, vk.Spec{ID: 11, Value: 8 * t.across})
		switch {
		case f.shuffles:
			d.Spec = append(d.Spec, vk.Spec{ID: 12, Value: i.Subgroup.Size})
			d.Subgroup = requiredSubgroup(i)
		case f.emulated:
			d.Spec = append(d.Spec, vk.Spec{ID: 12, Value: 2 * t.across}) // two rows a subgroup
		}
		r.Dispatch(d)
	}
}

// flashMatrices are the kernels of attention_flash_coopmat.comp, with the
// device's fragments unless others are emulated.
type flashMatrices struct{ m, n, k uint32 }

// emulatedMatrices are what the emulation is compiled for: few, since software
// drivers take long to compile it, and all different.
var emulatedMatrices = flashMatrices{2, 16, 8}

const flashMatrixKeys = 32

// tile is the layout for a: HEAD and how many subgroups share the tiles of
// keys and values; 0 where they do not fit into shared memory.
func (f flashMatrices) tile(i *vk.Info, a *attention) (head, subgroups uint32) {
	const comfortable = 32 << 10
	head = roundUp(a.head(), int(max(f.n, f.k, 8)))
	row := 16 * (head/8 + 1)
	for subgroups = 4; subgroups > 0; subgroups /= 2 {
		rows := f.m * subgroups
		bytes := (rows+flashMatrixKeys)*row + rows*(16*(flashMatrixKeys/8+1)+4*(flashMatrixKeys+4)+4*(2+8+8)) + 4*subgroups*f.m*f.n
		if bytes <= min(comfortable, i.Limits.MaxComputeSharedMemory) {
			break
		}
	}
	return head, subgroups
}

// of is f with the device's fragments, where it has none yet.
func (f flashMatrices) of(i *vk.Info) flashMatrices {
	if f.m == 0 {
		c, _ := fragment(i)
		f = flashMatrices{c.M, c.N, c.K}
	}
	return f
}

// takes projections that may be rounded to f16, in heads whose width is a
// multiple of 4, as long as the tiles fit.
func (f flashMatrices) takes(d *runtime.Device, a *attention) bool {
	_, subgroups := f.of(d.Info()).tile(d.Info(), a)
	return a.compute == runtime.F16 && a.head()%4 == 0 && subgroups > 0
}

func (f flashMatrices) record(r *runtime.Recorder, a *attention) {
	i := r.Device().Info()
	f = f.of(i)
	lanes, required := matrixSubgroup(i)
	d := f.dispatch("attention_flash_coopmat", i, a, lanes)
	d.Spec = append(d.Spec, vk.Spec{ID: 8, Value: f.m}, vk.Spec{ID: 9, Value: f.n}, vk.Spec{ID: 10, Value: f.k})
	d.Subgroup = required
	r.Dispatch(d)
}

// emulated records with a module whose subgroups are one invocation.
func (f flashMatrices) emulated(module string) func(*runtime.Recorder, *attention) {
	return func(r *runtime.Recorder, a *attention) { r.Dispatch(f.dispatch(module, r.Device().Info(), a, 1)) }
}

func (f flashMatrices) dispatch(module string, i *vk.Info, a *attention, lanes uint32) runtime.Dispatch {
	head, subgroups := f.tile(i, a)
	d := a.dispatch(module, [3]int{ceil(a.tokens, int(f.m*subgroups)), a.Heads, a.batch})
	d.Spec = append(d.Spec, vk.Spec{ID: 4, Value: head}, vk.Spec{ID: 5, Value: flashMatrixKeys}, vk.Spec{ID: 6, Value: subgroups}, vk.Spec{ID: 11, Value: subgroups * lanes})
	return d
}

func roundUp(n, to int) uint32 { return u32(ceil(n, to) * to) }
