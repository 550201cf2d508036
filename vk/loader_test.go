package vk

import (
	"errors"
	"strings"
	"testing"
)

func TestNoLoaderSaysWhatToInstall(t *testing.T) {
	_, err := open(Options{}, []string{"libno-such-vulkan.so.1", "libneither.so"})
	var e *LoaderError
	if !errors.As(err, &e) {
		t.Fatalf("got %v", err)
	}
	for _, want := range []string{"libno-such-vulkan.so.1, libneither.so", "Debian", "Fedora", "Arch", "macOS", "Windows"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing from %q", want, err)
		}
	}
}

// A loader that finds no driver is told from a missing loader.
func TestNoDriver(t *testing.T) {
	none := t.TempDir() + "/none.json"
	t.Setenv("VK_DRIVER_FILES", none)
	t.Setenv("VK_ICD_FILENAMES", none)
	i, err := Open(Options{})
	if err == nil {
		defer i.Close()
		_, err = i.PhysicalDevices()
	}
	var noLoader *LoaderError
	if errors.As(err, &noLoader) {
		t.Skip(err)
	}
	if !errors.Is(err, ErrNoDevice) || !strings.Contains(err.Error(), "mesa-vulkan-drivers") {
		t.Errorf("got %v", err)
	}
}

func TestFeaturesMissing(t *testing.T) {
	have := Features{ShaderInt8: true}
	got := have.missing(Features{ShaderInt8: true, ShaderFloat16: true, CooperativeMatrix: true})
	if strings.Join(got, " ") != "ShaderFloat16 CooperativeMatrix" {
		t.Errorf("got %v", got)
	}
}

func TestTimestampMask(t *testing.T) {
	for bits, want := range map[uint32]uint64{0: 0, 36: 1<<36 - 1, 64: ^uint64(0)} {
		if got := timestampMask(bits); got != want {
			t.Errorf("%d bits: %#x, want %#x", bits, got, want)
		}
	}
}
