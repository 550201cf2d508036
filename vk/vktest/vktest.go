// Package vktest gives tests the Vulkan devices of this machine.
//
// The environment decides what is tested:
//
//	VKDUAL_REQUIRE_DEVICE=1   no matching device fails the test instead of skipping it
//	VKDUAL_TEST_DEVICE=NAME   only devices whose name contains NAME, in any case
//	VKDUAL_VALIDATE=1         the Khronos validation layer is on; its messages fail the test
package vktest

import (
	"errors"
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
	want := os.Getenv("VKDUAL_TEST_DEVICE")
	var list []*vk.PhysicalDevice
	var names []string
	for _, p := range all {
		names = append(names, p.Info().Name)
		if strings.Contains(strings.ToLower(p.Info().Name), strings.ToLower(want)) {
			list = append(list, p)
		}
	}
	if len(list) == 0 {
		missing(t, errors.New("VKDUAL_TEST_DEVICE="+want+" matches none of "+strings.Join(names, ", ")))
	}
	return list
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
