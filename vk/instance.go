package vk

// #include <stdlib.h>
// #include "trampoline.h"
import "C"

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"unsafe"

	vulkan "github.com/vulkan-go/vulkan"
)

const (
	validationLayer = "VK_LAYER_KHRONOS_validation"

	extDebugUtils         = "VK_EXT_debug_utils"
	extValidationFeatures = "VK_EXT_validation_features"
	extLayerSettings      = "VK_EXT_layer_settings"
	extPortability        = "VK_KHR_portability_enumeration"
)

// apiVersion is what every device must have and all that is asked for: newer
// abilities are used through their extensions.
const apiVersion = Version(1<<22 | 1<<12)

// Options are the settings of Open.
type Options struct {
	AppName string // what drivers are told; "vkdual" when empty
	// Validate turns on the Khronos validation layer with core and
	// synchronization validation. It is an error when the layer is missing.
	Validate bool
	// OnMessage receives the layer's warnings and errors, one at a time, on a
	// goroutine of the instance or on one that calls Close, WaitIdle or
	// Messages. It must not call back into this package.
	OnMessage func(Message)
}

// Instance is a connection to the Vulkan loader.
type Instance struct {
	loader    *loader
	handle    vulkan.Instance
	messages  *messages // nil without validation
	messenger C.Object

	probe   sync.Once
	devices []*PhysicalDevice
	err     error
}

// Open loads Vulkan and makes an instance. It returns a *LoaderError when there
// is no loader, and an error that unwraps to ErrNoDevice when there is no
// driver.
func Open(o Options) (*Instance, error) { return open(o, libraries()) }

func open(o Options, names []string) (*Instance, error) {
	l, err := load(names)
	if err != nil {
		return nil, err
	}
	var version C.uint32_t
	if err := check(C.vkd_instance_version(l.gipa, &version), "vkEnumerateInstanceVersion"); err != nil {
		return nil, err
	}
	if Version(version) < apiVersion {
		return nil, fmt.Errorf("vk: %s is Vulkan %v, need %v: install a newer loader", l.name, Version(version), apiVersion)
	}
	extensions, err := instanceExtensions(l, "")
	if err != nil {
		return nil, err
	}

	if o.AppName == "" {
		o.AppName = "vkdual"
	}
	var request C.InstanceRequest
	request.apiVersion = C.uint32_t(apiVersion)
	request.app = C.CString(o.AppName)
	defer C.free(unsafe.Pointer(request.app))
	var enable []string
	if slices.Contains(extensions, extPortability) {
		enable = append(enable, extPortability)
		request.flags = 1 // enumerate portability devices
	}

	i := &Instance{loader: l}
	if o.Validate {
		names, err := validationExtensions(l, extensions)
		if err != nil {
			return nil, err
		}
		enable = append(enable, names...)
		request.layer = C.CString(validationLayer)
		defer C.free(unsafe.Pointer(request.layer))
		if slices.Contains(names, extValidationFeatures) {
			request.useValidationFeatures = 1
		} else {
			request.useLayerSettings = 1
		}
		i.messages = newMessages(o.OnMessage)
		request.queue = i.messages.queue
	}
	list, free := cStrings(enable)
	defer free()
	request.extensions, request.extensionCount = list.first, list.count

	var handle C.Handle
	r := C.vkd_create_instance(l.gipa, &request, &handle, &i.messenger)
	if r != 0 {
		if i.messages != nil {
			i.messages.close()
		}
		if Result(r) == ErrorIncompatibleDriver {
			return nil, &NoDeviceError{Loader: l.name, Result: Result(r)}
		}
		return nil, check(r, "vkCreateInstance")
	}
	i.handle = vulkan.Instance(handle)
	if err := l.bind(i.handle); err != nil {
		i.Close()
		return nil, fmt.Errorf("vk: %s: %w", l.name, err)
	}
	return i, nil
}

// validationExtensions checks that the layer is there and returns the instance
// extensions that it needs to be told what to check.
func validationExtensions(l *loader, have []string) ([]string, error) {
	var n C.uint32_t
	var list *C.LayerProperties
	if err := check(C.vkd_instance_layers(l.gipa, &n, &list), "vkEnumerateInstanceLayerProperties"); err != nil {
		return nil, err
	}
	defer C.free(unsafe.Pointer(list))
	found := slices.ContainsFunc(unsafe.Slice(list, n), func(p C.LayerProperties) bool {
		return C.GoString(&p.name[0]) == validationLayer
	})
	if !found {
		return nil, &Error{Op: "validation asked for, but " + validationLayer + " is not installed " +
			"(Debian, Ubuntu: apt install vulkan-validationlayers; Fedora: vulkan-validation-layers; Arch: vulkan-validation-layers; " +
			"macOS, Windows: the Vulkan SDK; or run ci/swiftshader/setup.sh and source its env.sh)", Result: ErrorLayerNotPresent}
	}
	own, err := instanceExtensions(l, validationLayer)
	if err != nil {
		return nil, err
	}
	have = slices.Concat(have, own)
	if !slices.Contains(have, extDebugUtils) {
		return nil, errors.New("vk: validation asked for, but " + extDebugUtils + " is missing: the loader or the layer is too old")
	}
	for _, e := range []string{extValidationFeatures, extLayerSettings} {
		if slices.Contains(have, e) {
			return []string{extDebugUtils, e}, nil
		}
	}
	return nil, errors.New("vk: validation asked for, but the layer has neither " + extValidationFeatures + " nor " + extLayerSettings)
}

func instanceExtensions(l *loader, layer string) ([]string, error) {
	var c *C.char
	if layer != "" {
		c = C.CString(layer)
		defer C.free(unsafe.Pointer(c))
	}
	var n C.uint32_t
	var list *C.ExtensionProperties
	if err := check(C.vkd_instance_extensions(l.gipa, c, &n, &list), "vkEnumerateInstanceExtensionProperties"); err != nil {
		return nil, err
	}
	return extensionNames(n, list), nil
}

// extensionNames copies a list that C allocated, and frees it.
func extensionNames(n C.uint32_t, list *C.ExtensionProperties) []string {
	defer C.free(unsafe.Pointer(list))
	names := make([]string, 0, n)
	for _, e := range unsafe.Slice(list, n) {
		names = append(names, C.GoString(&e.name[0]))
	}
	slices.Sort(names)
	return names
}

// Messages hands every queued message to OnMessage now. Without validation it
// does nothing.
func (i *Instance) Messages() {
	if i.messages != nil {
		i.messages.drain()
	}
}

// Close destroys the instance. Its devices must be closed before. The last
// messages reach OnMessage before Close returns.
func (i *Instance) Close() {
	if i == nil || i.handle == nil {
		return
	}
	C.vkd_destroy_messenger(i.loader.gipa, C.Handle(i.handle), i.messenger)
	vulkan.DestroyInstance(i.handle, nil)
	i.handle = nil
	if i.messages != nil {
		i.messages.close()
	}
}

// PhysicalDevices lists the devices in the loader's order. They are probed on
// the first call. No device is an error that unwraps to ErrNoDevice.
func (i *Instance) PhysicalDevices() ([]*PhysicalDevice, error) {
	i.probe.Do(func() { i.devices, i.err = i.enumerate() })
	return slices.Clone(i.devices), i.err
}

func (i *Instance) enumerate() ([]*PhysicalDevice, error) {
	var handles []vulkan.PhysicalDevice
	for {
		var n uint32
		if r := vulkan.EnumeratePhysicalDevices(i.handle, &n, nil); r != vulkan.Success {
			return nil, check(r, "vkEnumeratePhysicalDevices")
		}
		if n == 0 {
			return nil, &NoDeviceError{Loader: i.loader.name}
		}
		handles = make([]vulkan.PhysicalDevice, n)
		r := vulkan.EnumeratePhysicalDevices(i.handle, &n, handles)
		if r == vulkan.Incomplete {
			continue
		}
		if r != vulkan.Success {
			return nil, check(r, "vkEnumeratePhysicalDevices")
		}
		handles = handles[:n]
		break
	}
	devices := make([]*PhysicalDevice, len(handles))
	for k, h := range handles {
		devices[k] = &PhysicalDevice{instance: i, handle: h}
		if err := devices[k].probe(); err != nil {
			return nil, err
		}
	}
	return devices, nil
}

// cNames is a list of C strings in C memory.
type cNames struct {
	first **C.char
	count C.uint32_t
}

func cStrings(names []string) (cNames, func()) {
	list := (**C.char)(C.calloc(C.size_t(len(names)+1), C.size_t(unsafe.Sizeof((*C.char)(nil)))))
	view := unsafe.Slice(list, len(names))
	for k, s := range names {
		view[k] = C.CString(s)
	}
	return cNames{list, C.uint32_t(len(names))}, func() {
		for _, s := range view {
			C.free(unsafe.Pointer(s))
		}
		C.free(unsafe.Pointer(list))
	}
}
