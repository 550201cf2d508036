package vk

import (
	"fmt"

	vulkan "github.com/vulkan-go/vulkan"
)

// Result is a VkResult. As an error it prints its name in the registry.
type Result int32

// The results that callers tell apart.
const (
	Success                   = Result(vulkan.Success)
	NotReady                  = Result(vulkan.NotReady)
	Timeout                   = Result(vulkan.Timeout)
	Incomplete                = Result(vulkan.Incomplete)
	ErrorOutOfHostMemory      = Result(vulkan.ErrorOutOfHostMemory)
	ErrorOutOfDeviceMemory    = Result(vulkan.ErrorOutOfDeviceMemory)
	ErrorInitializationFailed = Result(vulkan.ErrorInitializationFailed)
	ErrorDeviceLost           = Result(vulkan.ErrorDeviceLost)
	ErrorMemoryMapFailed      = Result(vulkan.ErrorMemoryMapFailed)
	ErrorLayerNotPresent      = Result(vulkan.ErrorLayerNotPresent)
	ErrorExtensionNotPresent  = Result(vulkan.ErrorExtensionNotPresent)
	ErrorFeatureNotPresent    = Result(vulkan.ErrorFeatureNotPresent)
	ErrorIncompatibleDriver   = Result(vulkan.ErrorIncompatibleDriver)
	ErrorTooManyObjects       = Result(vulkan.ErrorTooManyObjects)
	ErrorFormatNotSupported   = Result(vulkan.ErrorFormatNotSupported)
	ErrorFragmentedPool       = Result(vulkan.ErrorFragmentedPool)
	ErrorUnknown              = Result(-13)
	ErrorOutOfPoolMemory      = Result(vulkan.ErrorOutOfPoolMemory)
	ErrorFragmentation        = Result(vulkan.ErrorFragmentation)
	ErrorValidationFailed     = Result(vulkan.ErrorValidationFailed)
	ErrorInvalidShader        = Result(vulkan.ErrorInvalidShaderNv)
)

// Error gives the result's name, such as VK_ERROR_DEVICE_LOST.
func (r Result) Error() string {
	switch r {
	case Success:
		return "VK_SUCCESS"
	case NotReady:
		return "VK_NOT_READY"
	case Timeout:
		return "VK_TIMEOUT"
	case Incomplete:
		return "VK_INCOMPLETE"
	case ErrorOutOfHostMemory:
		return "VK_ERROR_OUT_OF_HOST_MEMORY"
	case ErrorOutOfDeviceMemory:
		return "VK_ERROR_OUT_OF_DEVICE_MEMORY"
	case ErrorInitializationFailed:
		return "VK_ERROR_INITIALIZATION_FAILED"
	case ErrorDeviceLost:
		return "VK_ERROR_DEVICE_LOST"
	case ErrorMemoryMapFailed:
		return "VK_ERROR_MEMORY_MAP_FAILED"
	case ErrorLayerNotPresent:
		return "VK_ERROR_LAYER_NOT_PRESENT"
	case ErrorExtensionNotPresent:
		return "VK_ERROR_EXTENSION_NOT_PRESENT"
	case ErrorFeatureNotPresent:
		return "VK_ERROR_FEATURE_NOT_PRESENT"
	case ErrorIncompatibleDriver:
		return "VK_ERROR_INCOMPATIBLE_DRIVER"
	case ErrorTooManyObjects:
		return "VK_ERROR_TOO_MANY_OBJECTS"
	case ErrorFormatNotSupported:
		return "VK_ERROR_FORMAT_NOT_SUPPORTED"
	case ErrorFragmentedPool:
		return "VK_ERROR_FRAGMENTED_POOL"
	case ErrorUnknown:
		return "VK_ERROR_UNKNOWN"
	case ErrorOutOfPoolMemory:
		return "VK_ERROR_OUT_OF_POOL_MEMORY"
	case ErrorFragmentation:
		return "VK_ERROR_FRAGMENTATION"
	case ErrorValidationFailed:
		return "VK_ERROR_VALIDATION_FAILED_EXT"
	case ErrorInvalidShader:
		return "VK_ERROR_INVALID_SHADER_NV"
	}
	return fmt.Sprintf("VkResult(%d)", int32(r))
}

// Error is a Vulkan call that failed. It unwraps to its Result:
// errors.Is(err, vk.ErrorOutOfDeviceMemory) works.
type Error struct {
	Op     string // the call, with the facts that matter
	Result Result
}

// Error gives "vk: OP: RESULT".
func (e *Error) Error() string { return "vk: " + e.Op + ": " + e.Result.Error() }

// Unwrap returns the Result.
func (e *Error) Unwrap() error { return e.Result }

// check makes an error of a result other than success.
func check[R ~int32](r R, op string) error {
	if r == 0 {
		return nil
	}
	return &Error{Op: op, Result: Result(r)}
}

// checkf is check with an operation that is put together only on failure.
func checkf[R ~int32](r R, format string, args ...any) error {
	if r == 0 {
		return nil
	}
	return &Error{Op: fmt.Sprintf(format, args...), Result: Result(r)}
}
