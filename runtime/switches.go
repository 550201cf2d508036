package runtime

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/vkdual/vkdual/vk"
)

// Switches are the diagnostic settings of a Device, all in one place. The zero
// value is what users run.
type Switches struct {
	Validate   bool     // Khronos validation, core and synchronization; messages go to the log and to Messages
	Poison     bool     // fill scratch and output memory with NaN before each run
	NoAliasing bool     // give each temporary memory of its own
	Staged     bool     // act as if the host could not map the device's memory
	Profile    bool     // timestamps around each dispatch
	Without    []string // capabilities to act without: see Capabilities
	Force      []string // kernels to use wherever they take the operation, by name: see ops.KernelNames

	// Tune is the most time that kernels may be timed at first use; 0 means the
	// default, 3 s, and less than 0 that none are.
	Tune time.Duration

	// SubmitFLOPs bounds the estimated work of one submit, so that a watchdog
	// does not fire; 0 means the default for the kind of device.
	SubmitFLOPs float64
}

// Tuning is how long kernels may be timed at first use.
func (s Switches) Tuning() time.Duration {
	if s.Tune == 0 {
		return 3 * time.Second
	}
	return max(0, s.Tune)
}

// Capabilities are the names that Switches.Without takes: f16 (arithmetic and
// storage), subgroup (every operation across one), texel (texel buffers of a
// useful size), coopmat (cooperative matrices), dot (integer dot products), and
// limits: as if the device had no more than Vulkan 1.1 demands of any.
var Capabilities = []string{"f16", "subgroup", "texel", "coopmat", "dot", "limits"}

// ParseWithout reads a list as the command line gives it: "-f16,-subgroup" or "f16,subgroup".
func ParseWithout(s string) ([]string, error) {
	var out []string
	for _, f := range strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' }) {
		f = strings.TrimPrefix(f, "-")
		if !slices.Contains(Capabilities, f) {
			return nil, fmt.Errorf("runtime: unknown capability %q; known are %s", f, strings.Join(Capabilities, ", "))
		}
		out = append(out, f)
	}
	return out, nil
}

// mask takes the capabilities that are switched off out of what was probed.
func (s Switches) mask(i vk.Info) vk.Info {
	for _, w := range s.Without {
		switch w {
		case "f16":
			i.Features.ShaderFloat16, i.Features.StorageBuffer16Bit = false, false
		case "subgroup":
			i.Subgroup = vk.Subgroup{Size: i.Subgroup.Size}
		case "texel":
			i.Limits.MaxTexelBufferElements = 0
		case "coopmat":
			i.Features.CooperativeMatrix, i.CooperativeMatrices = false, nil
		case "dot":
			i.Features.IntegerDotProduct, i.DotAccelerated = false, false
		case "limits":
			i.Limits = least(i.Limits)
		}
	}
	return i
}

// least are the limits that Vulkan 1.1 demands of every device ("Required
// Limits" of its specification), where those of l are above.
func least(l vk.Limits) vk.Limits {
	cut := func(v *uint32, least uint32) { *v = min(*v, least) }
	cut(&l.MaxComputeSharedMemory, 16<<10)
	cut(&l.MaxWorkgroupInvocations, 128)
	for i, n := range []uint32{128, 128, 64} {
		cut(&l.MaxWorkgroupSize[i], n)
		cut(&l.MaxWorkgroupCount[i], 65535)
	}
	cut(&l.MaxPushConstants, 128)
	cut(&l.MaxStorageBuffersPerStage, 4)
	l.MaxStorageBufferRange = min(l.MaxStorageBufferRange, 1<<27)
	l.MaxTexelBufferElements = min(l.MaxTexelBufferElements, 1<<16)
	return l
}
