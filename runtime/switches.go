package runtime

import (
	"fmt"
	"slices"
	"strings"

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

	// SubmitFLOPs bounds the estimated work of one submit, so that a watchdog
	// does not fire; 0 means the default for the kind of device.
	SubmitFLOPs float64
}

// Capabilities are the names that Switches.Without takes.
var Capabilities = []string{"f16", "subgroup", "texel", "coopmat"}

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
		}
	}
	return i
}
