package vk

// #cgo CFLAGS: -std=c11 -O2
// #cgo linux LDFLAGS: -ldl
// #include <stdlib.h>
// #include "trampoline.h"
import "C"

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"unsafe"

	vulkan "github.com/vulkan-go/vulkan"
)

// ErrNoDevice is what errors unwrap to when a loader is installed but no driver
// or no device answers.
var ErrNoDevice = errors.New("no Vulkan device")

// LoaderError says that no Vulkan loader could be opened.
type LoaderError struct {
	Tried []string // library names, in the order tried
}

// Error lists the names tried and what to install.
func (e *LoaderError) Error() string {
	return "vk: no Vulkan loader found (tried " + strings.Join(e.Tried, ", ") + ")\n" + installHint
}

const installHint = `install a Vulkan loader and a driver:
  Debian, Ubuntu: apt install libvulkan1 mesa-vulkan-drivers
  Fedora:         dnf install vulkan-loader mesa-vulkan-drivers
  Arch:           pacman -S vulkan-icd-loader and vulkan-radeon, vulkan-intel, nvidia-utils or vulkan-swrast
  macOS:          brew install vulkan-loader molten-vk
  Windows:        the graphics card maker's current driver brings vulkan-1.dll`

// NoDeviceError says that the loader found no driver, or no driver a device.
// It unwraps to ErrNoDevice.
type NoDeviceError struct {
	Loader string // the library that was opened
	Result Result // what the loader said; Success when it listed no device
}

// Error says what was found and what to install.
func (e *NoDeviceError) Error() string {
	why := "no driver lists a device"
	if e.Result != Success {
		why = e.Result.Error()
	}
	return fmt.Sprintf("vk: no Vulkan device: %s opened, %s\n%s\n(VK_DRIVER_FILES and VK_ICD_FILENAMES, where set, limit which drivers are looked for)", e.Loader, why, installHint)
}

// Unwrap returns ErrNoDevice.
func (e *NoDeviceError) Unwrap() error { return ErrNoDevice }

// libraries are the names under which users have a loader. The unversioned
// names come last: on Linux only a development package has them.
func libraries() []string {
	switch runtime.GOOS {
	case "windows":
		return []string{"vulkan-1.dll"}
	case "darwin":
		return []string{"libvulkan.1.dylib", "libvulkan.dylib", "/opt/homebrew/lib/libvulkan.1.dylib",
			"/usr/local/lib/libvulkan.1.dylib", "libMoltenVK.dylib", "/opt/homebrew/lib/libMoltenVK.dylib"}
	}
	return []string{"libvulkan.so.1", "libvulkan.so"}
}

// loader is an opened Vulkan library.
type loader struct {
	name string
	gipa unsafe.Pointer // vkGetInstanceProcAddr
}

func load(names []string) (*loader, error) {
	for _, name := range names {
		c := C.CString(name)
		gipa := C.vkd_load(c)
		C.free(unsafe.Pointer(c))
		if gipa != nil {
			return &loader{name, gipa}, nil
		}
	}
	return nil, &LoaderError{Tried: names}
}

// binding guards the Go binding's table of entry points, which is one for the
// whole process. With a loader the entries dispatch by handle, so that one
// table serves several instances.
var binding sync.Mutex

func (l *loader) bind(instance vulkan.Instance) error {
	binding.Lock()
	defer binding.Unlock()
	vulkan.SetGetInstanceProcAddr(l.gipa)
	if instance == nil {
		return vulkan.Init()
	}
	return vulkan.InitInstance(instance)
}
