package ops

import (
	"github.com/vkdual/vkdual/runtime"
	"github.com/vkdual/vkdual/vk"
)

// Of linear_few: subgroups in a workgroup, each with 4 columns.
const fewSubgroups = 4

// sums says what a device lacks for linear_few.
func sums(i *vk.Info) string {
	s := i.Subgroup
	if !s.Compute || !s.Arithmetic || s.Size < 4 {
		return "sums over a subgroup"
	}
	if lacks := knownSubgroups(i, fewSubgroups); lacks != "" {
		return lacks
	}
	return fiveBuffers(i)
}

// knownSubgroups is for kernels whose workgroup is so many subgroups of
// Subgroup.Size invocations, all full.
func knownSubgroups(i *vk.Info, count uint32) string {
	s, f := i.Subgroup, i.Features
	if s.MinSize != s.MaxSize && !(s.RequiredSize && f.SubgroupSizeControl && f.ComputeFullSubgroups) {
		return "subgroups of a known size"
	}
	if most := min(i.Limits.MaxWorkgroupInvocations, i.Limits.MaxWorkgroupSize[0]); count*s.Size > most {
		return "larger workgroups"
	}
	return ""
}

// requiredSubgroup is Dispatch.Subgroup for such kernels.
func requiredSubgroup(i *vk.Info) uint32 {
	if i.Subgroup.MinSize == i.Subgroup.MaxSize {
		return 0
	}
	return i.Subgroup.Size
}

func few(_ *runtime.Device, l *linear) bool { return l.rows() <= fewRows }

func fewSingles(d *runtime.Device, l *linear) bool {
	return few(d, l) && l.w.dtype == runtime.F32
}

func recordFew(r *runtime.Recorder, l *linear) {
	i := r.Device().Info()
	recordFewIn(r, l, "linear_few", i.Subgroup.Size, requiredSubgroup(i))
}

// recordFewEmulated has subgroups of a size that no device here has.
func recordFewEmulated(r *runtime.Recorder, l *linear) {
	recordFewIn(r, l, "linear_few_emulated", 32, 0)
}

func recordFewIn(r *runtime.Recorder, l *linear, module string, subgroup, required uint32) {
	t := tiles{rows: fewRows, columns: 4 * fewSubgroups}
	t.record(r, l, module+reads(l.w.dtype), func(d *runtime.Dispatch) {
		d.Subgroup = required
		d.Spec = append(d.Spec, vk.Spec{ID: 3, Value: flag(l.w.In%4 == 0)},
			vk.Spec{ID: 11, Value: fewSubgroups * subgroup}, vk.Spec{ID: 12, Value: subgroup})
	})
}
