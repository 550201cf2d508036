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
	Want   string // the part of Options.Device that picks it
	Why    string // why it is or is not picked
}

// An UnknownDeviceError says that no device matches what was asked for.
type UnknownDeviceError struct {
	Want string
	Have []string
}

func (e *UnknownDeviceError) Error() string {
	return fmt.Sprintf("runtime: no device %q; known by number or name are %s", e.Want, strings.Join(e.Have, ", "))
}

// A DeviceListError says what is wrong with a list of devices.
type DeviceListError struct{ Want, Fault string }

func (e *DeviceListError) Error() string {
	return fmt.Sprintf("runtime: device %q: %s", e.Want, e.Fault)
}

// List returns every Vulkan device and says which one Open would pick for the
// same options. There o.Device may also be several, separated by commas: all of
// them are picked, each once.
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

// candidates marks the devices that want (an index, a part of a name, several of
// these separated by commas, or "") picks among all.
func candidates(all []*vk.PhysicalDevice, want string) ([]Candidate, error) {
	if len(all) == 0 {
		return nil, errors.New("runtime: no Vulkan device")
	}
	cs := make([]Candidate, len(all))
	for i, p := range all {
		cs[i] = Candidate{Index: i, Info: p.Info()}
	}
	if want == "" {
		pick, why := preferred(cs)
		for i := range cs {
			cs[i].Picked, cs[i].Why = i == pick, why
			switch {
			case i == pick:
			case cs[i].Info.Type == cs[pick].Info.Type:
				cs[i].Why = "another " + cs[i].Info.Type.String() + " device goes before it"
			default:
				cs[i].Why = cs[pick].Info.Type.String() + " goes before " + cs[i].Info.Type.String()
			}
		}
		return cs, nil
	}
	parts := []string{want}
	if asked, _ := find(cs, want); asked < 0 { // names may have a comma
		parts = strings.Split(want, ",")
	}
	for i := range cs {
		cs[i].Why = "not asked for"
	}
	for _, part := range parts {
		part = strings.TrimSpace(part)
		pick, why := find(cs, part)
		if pick < 0 {
			e := &UnknownDeviceError{Want: part}
			for i, c := range cs {
				e.Have = append(e.Have, fmt.Sprintf("%d: %s", i, c.Info.Name))
			}
			return nil, e
		}
		c := &cs[pick]
		if c.Picked {
			return nil, &DeviceListError{want, fmt.Sprintf("%q and %q are both %d: %s", c.Want, part, pick, c.Info.Name)}
		}
		c.Picked, c.Want, c.Why = true, part, why
	}
	return cs, nil
}

// find is the number of the device that part, an index or a part of a name,
// stands for, and why; -1: none.
func find(cs []Candidate, part string) (int, string) {
	if n, err := strconv.Atoi(part); err == nil {
		if n < 0 || n >= len(cs) {
			return -1, ""
		}
		return n, "asked for by number"
	}
	if part != "" {
		for i, c := range cs {
			if strings.Contains(strings.ToLower(c.Info.Name), strings.ToLower(part)) {
				return i, "asked for by name"
			}
		}
	}
	return -1, ""
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
