package ops

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/vkdual/vkdual/runtime"
	"github.com/vkdual/vkdual/runtime/devicetest"
	"github.com/vkdual/vkdual/spirv"
	"github.com/vkdual/vkdual/vk"
)

// Whatever a device is said to lack, the usual operations get kernels that do
// not use it, as their SPIR-V shows, and that answer right.
func TestWithoutACapability(t *testing.T) {
	declares := func(prefixes ...string) func(*spirv.Module) bool {
		return func(m *spirv.Module) bool {
			return slices.ContainsFunc(m.Capabilities, func(c string) bool {
				return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(c, p) })
			})
		}
	}
	bindings := func(m *spirv.Module, t vk.DescriptorType) (n int) {
		for _, b := range m.Bindings {
			if b.Type == t {
				n++
			}
		}
		return n
	}
	uses := map[string]func(*spirv.Module) bool{
		"f16":      declares("Float16", "StorageBuffer16BitAccess", "UniformAndStorageBuffer16BitAccess"),
		"subgroup": declares("GroupNonUniform"),
		"texel":    func(m *spirv.Module) bool { return bindings(m, vk.UniformTexelBuffer) > 0 },
		"coopmat":  declares("CooperativeMatrix"),
		"dot":      declares("DotProduct"),
		"limits":   func(m *spirv.Module) bool { return bindings(m, vk.StorageBuffer) > 4 },
	}
	require.Len(t, uses, len(runtime.Capabilities))
	for _, mask := range [][]string{{"subgroup"}, {"texel"}, {"limits"}, runtime.Capabilities} {
		t.Run(strings.Join(mask, ","), func(t *testing.T) {
			devicetest.EachWith(t, runtime.Switches{Poison: true, Without: mask, Tune: -1}, func(t *testing.T, d *runtime.Device) {
				set := Kernels(d)
				plans := usualPlans(t, d, &set.linears) + usualPlans(t, d, &set.attentions) + usualPlans(t, d, &set.layerNorms)
				for _, m := range spirv.Modules() {
					for _, c := range mask {
						planned := regexp.MustCompile(` ` + m.Name + ` +\[`).MatchString(plans) // before its workgroups
						require.False(t, uses[c](m) && planned, "%s is used without %s", m.Name, c)
					}
				}
			})
		})
	}
}

// usualPlans runs the usual operations of a family and returns their plans.
func usualPlans[Op any](t *testing.T, d *runtime.Device, p *picker[Op]) (plans string) {
	for _, s := range p.usual {
		trial := s.of(kernel[Op]{name: p.op, record: p.record})
		require.NoError(t, trial.run(d).Err)
		program, close, err := trial.program(d)
		require.NoError(t, err)
		plans += program.String()
		close()
	}
	require.NotEmpty(t, plans)
	return plans
}
