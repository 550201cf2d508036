// Package vktest gives tests the Vulkan devices of this machine.
//
// The environment decides what is tested:
//
//	VKDUAL_REQUIRE_DEVICE=1   no matching device fails the test instead of skipping it
//	VKDUAL_TEST_DEVICE=A,B    only devices whose name contains A or B, in any case; each must be there
//	VKDUAL_VALIDATE=1         the Khronos validation layer is on; its messages fail the test
package vktest

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/vkdual/vkdual/vk"
)

// Validate tells whether tests are to run with the validation layer.
func Validate() bool { return os.Getenv("VKDUAL_VALIDATE") == "1" }

// Instance opens Vulkan for a test and closes it at the test's end. Messages of
// the validation layer, where it is on, fail the test.
func Instance(t testing.TB) *vk.Instance {
	t.Helper()
	return open(t, vk.Options{AppName: "vkdual test", Validate: Validate(), OnMessage: func(m vk.Message) {
		t.Errorf("validation %s: %s\n%s", m.Severity, m.ID, m.Text)
	}})
}

// PlainInstance opens Vulkan without the validation layer, for tests that make
// wrong calls on purpose.
func PlainInstance(t testing.TB) *vk.Instance {
	t.Helper()
	return open(t, vk.Options{AppName: "vkdual test"})
}

// ValidatingInstance opens Vulkan with the validation layer on, and returns a
// function that takes the messages so far. They do not fail the test.
func ValidatingInstance(t testing.TB) (*vk.Instance, func() []vk.Message) {
	t.Helper()
	var mu sync.Mutex
	var got []vk.Message
	i := open(t, vk.Options{AppName: "vkdual test", Validate: true, OnMessage: func(m vk.Message) {
		mu.Lock()
		defer mu.Unlock()
		got = append(got, m)
	}})
	return i, func() []vk.Message {
		i.Messages()
		mu.Lock()
		defer mu.Unlock()
		taken := got
		got = nil
		return taken
	}
}

func open(t testing.TB, o vk.Options) *vk.Instance {
	t.Helper()
	i, err := vk.Open(o)
	var noLoader *vk.LoaderError
	if errors.As(err, &noLoader) || errors.Is(err, vk.ErrNoDevice) {
		missing(t, err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(i.Close)
	return i
}

// missing ends a test that has no device to run on.
func missing(t testing.TB, err error) {
	t.Helper()
	if os.Getenv("VKDUAL_REQUIRE_DEVICE") == "1" {
		t.Fatal(err)
	}
	t.Skip(err)
}

// Physical lists the devices to test on.
func Physical(t testing.TB, i *vk.Instance) []*vk.PhysicalDevice {
	t.Helper()
	all, err := i.PhysicalDevices()
	if errors.Is(err, vk.ErrNoDevice) {
		missing(t, err)
	}
	if err != nil {
		t.Fatal(err)
	}
	list, err := matching(all, os.Getenv("VKDUAL_TEST_DEVICE"))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// matching picks the devices whose names contain one of the parts of wanted,
// which commas separate. A part that none contains is an error.
func matching(all []*vk.PhysicalDevice, wanted string) ([]*vk.PhysicalDevice, error) {
	var list []*vk.PhysicalDevice
	for part := range strings.SplitSeq(strings.ToLower(wanted), ",") {
		n := len(list)
		for _, p := range all {
			if strings.Contains(strings.ToLower(p.Info().Name), part) {
				list = append(list, p)
			}
		}
		if len(list) == n {
			var names []string
			for _, p := range all {
				names = append(names, p.Info().Name)
			}
			return nil, fmt.Errorf("VKDUAL_TEST_DEVICE=%s: %q is in none of %q", wanted, part, names)
		}
	}
	return list, nil
}

// Devices runs a subtest for each device to test on, named after the device.
func Devices(t *testing.T, test func(t *testing.T, p *vk.PhysicalDevice)) {
	t.Helper()
	for _, p := range Physical(t, Instance(t)) {
		name := strings.Fields(p.Info().Name)[0]
		t.Run(name, func(t *testing.T) { test(t, p) })
	}
}

// Open opens a device with the features asked for and closes it at the test's
// end.
func Open(t testing.TB, p *vk.PhysicalDevice, enable vk.Features) *vk.Device {
	t.Helper()
	d, err := p.Open(enable)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return d
}
