package runtime

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/vkdual/vkdual/vk"
)

// A Candidate is a device of this machine and what would become of it.
type Candidate struct {
	Index  int
	Info   *vk.Info
	Picked bool
	Why    string // why it is or is not picked
}

// An UnknownDeviceError says that no device matches what was asked for.
type UnknownDeviceError struct {
	Want string
	Have []string
}

func (e *UnknownDeviceError) Error() string {
	return fmt.Sprintf("runtime: no device %q; there are %s", e.Want, strings.Join(e.Have, ", "))
}

// List returns every Vulkan device and says which one Open would pick for the
// same options.
func List(o Options) ([]Candidate, error) {
	in, err := vk.Open(o.instance(nil))
	if err != nil {
		return nil, err
	}
	defer in.Close()
	all, err := in.PhysicalDevices()
	if err != nil {
		return nil, err
	}
	return candidates(all, o.Device)
}

// preference is the order in which kinds of devices are picked: a software
// driver only where there is nothing else.
var preference = []vk.DeviceType{vk.DiscreteGPU, vk.IntegratedGPU, vk.VirtualGPU, vk.CPU, vk.Other}

// candidates marks the device that want (an index, a part of a name, or "")
// picks among all.
func candidates(all []*vk.PhysicalDevice, want string) ([]Candidate, error) {
	if len(all) == 0 {
		return nil, errors.New("runtime: no Vulkan device")
	}
	cs := make([]Candidate, len(all))
	names := make([]string, len(all))
	for i, p := range all {
		cs[i] = Candidate{Index: i, Info: p.Info()}
		names[i] = fmt.Sprintf("%d: %s", i, p.Info().Name)
	}
	pick, why := -1, ""
	switch {
	case want == "":
		pick, why = preferred(cs)
	default:
		if n, err := strconv.Atoi(want); err == nil {
			if n >= 0 && n < len(cs) {
				pick, why = n, "asked for by number"
			}
			break
		}
		for i, c := range cs {
			if strings.Contains(strings.ToLower(c.Info.Name), strings.ToLower(want)) {
				pick, why = i, "asked for by name"
				break
			}
		}
	}
	if pick < 0 {
		return nil, &UnknownDeviceError{want, names}
	}
	for i := range cs {
		cs[i].Picked = i == pick
		switch {
		case i == pick:
			cs[i].Why = why
		case want != "":
			cs[i].Why = "not asked for"
		case cs[i].Info.Type == cs[pick].Info.Type:
			cs[i].Why = "another " + cs[i].Info.Type.String() + " device goes before it"
		default:
			cs[i].Why = cs[pick].Info.Type.String() + " goes before " + cs[i].Info.Type.String()
		}
	}
	return cs, nil
}

// preferred is the first device of the best kind; among software drivers the
// one with the wider subgroup, which is how many lanes its code computes at once.
func preferred(cs []Candidate) (int, string) {
	for _, kind := range preference {
		best := -1
		for i, c := range cs {
			if c.Info.Type != kind {
				continue
			}
			if best < 0 || kind == vk.CPU && c.Info.Subgroup.Size > cs[best].Info.Subgroup.Size {
				best = i
			}
		}
		if best < 0 {
			continue
		}
		same := slices.ContainsFunc(cs, func(c Candidate) bool {
			return c.Index != best && c.Info.Type == kind
		})
		switch {
		case !same:
			return best, "the only " + kind.String() + " device"
		case kind == vk.CPU:
			return best, "the software driver with the widest subgroup"
		default:
			return best, "the first " + kind.String() + " device"
		}
	}
	return -1, ""
}
