// Package devicetest runs tests on every Vulkan device that there is, with
// poisoned memory, and under Khronos validation where the suite asks for it.
package devicetest

import (
	"errors"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/vkdual/vkdual/runtime"
	"github.com/vkdual/vkdual/vk"
)

// Environment of the test suite:
//
//	VKDUAL_REQUIRE_DEVICE=1    no device is a failure, not a skip
//	VKDUAL_TEST_DEVICE=A,B     only devices whose names contain A or B, and all of these must be there
//	VKDUAL_VALIDATE=1          validation layer on; any message is a failure
const (
	requireDevice = "VKDUAL_REQUIRE_DEVICE"
	testDevice    = "VKDUAL_TEST_DEVICE"
	validate      = "VKDUAL_VALIDATE"
)

// cache is shared by the tests of a process, so that kernels are checked and
// compiled once.
var cache = sync.OnceValues(func() (string, error) { return os.MkdirTemp("", "vkdual-test-*") })

// Each runs f as a subtest on every device. A validation message fails it.
func Each(t *testing.T, f func(t *testing.T, d *runtime.Device)) {
	EachWith(t, runtime.Switches{Poison: true}, f)
}

// EachWith is Each with switches of the test's own.
func EachWith(t *testing.T, s runtime.Switches, f func(t *testing.T, d *runtime.Device)) {
	t.Helper()
	for _, name := range Names(t) {
		t.Run(name, func(t *testing.T) { f(t, Open(t, name, s)) })
	}
}

// Bench is Each for benchmarks: nothing is poisoned.
func Bench(b *testing.B, f func(b *testing.B, d *runtime.Device)) {
	b.Helper()
	for _, name := range Names(b) {
		b.Run(name, func(b *testing.B) { f(b, Open(b, name, runtime.Switches{})) })
	}
}

// Open opens the device with this name for the length of the test.
func Open(t testing.TB, name string, s runtime.Switches) *runtime.Device {
	t.Helper()
	dir, err := cache()
	require.NoError(t, err)
	s.Validate = s.Validate || os.Getenv(validate) == "1"
	d, err := runtime.Open(runtime.Options{Device: name, CacheDir: dir, Switches: s})
	require.NoError(t, err)
	t.Cleanup(func() {
		said := d.Messages()
		d.Close()
		for _, m := range said {
			t.Errorf("validation: %s: %s", m.ID, m.Text)
		}
	})
	return d
}

// Names are the devices to test on.
func Names(t testing.TB) []string {
	t.Helper()
	t.Helper()
	cs, err := runtime.List(runtime.Options{})
	var noLoader *vk.LoaderError
	if errors.As(err, &noLoader) || errors.Is(err, vk.ErrNoDevice) {
		if os.Getenv(requireDevice) == "1" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	require.NoError(t, err)
	var have []string
	for _, c := range cs {
		have = append(have, c.Info.Name)
	}
	wanted := os.Getenv(testDevice)
	if wanted == "" {
		return have
	}
	var out []string
	for _, w := range strings.Split(wanted, ",") {
		n := len(out)
		for _, h := range have {
			if strings.Contains(strings.ToLower(h), strings.ToLower(w)) {
				out = append(out, h)
			}
		}
		if len(out) == n {
			t.Fatalf("no device %q among %q", w, have)
		}
	}
	return out
}
