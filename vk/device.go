package vk

// #cgo noescape vkd_submit
// #cgo nocallback vkd_submit
// #cgo nocallback vkd_wait_fence
// #cgo nocallback vkd_reset_fence
// #include "trampoline.h"
import "C"

import (
	"fmt"
	"time"
	"unsafe"

	vulkan "github.com/vulkan-go/vulkan"
)

// The objects of a device: plain numbers without an owner, 0 for none.
type (
	Buffer              uint64
	BufferView          uint64
	CommandPool         uint64
	DescriptorPool      uint64
	DescriptorSet       uint64
	DescriptorSetLayout uint64
	Fence               uint64
	Memory              uint64
	Pipeline            uint64
	PipelineCache       uint64
	PipelineLayout      uint64
	QueryPool           uint64
	ShaderModule        uint64

	CommandBuffer uintptr
)

// Device is an opened device with its one compute queue. The package comment
// says which methods may run at once.
type Device struct {
	table    *C.DeviceTable
	handle   vulkan.Device
	physical *PhysicalDevice
	timeMask uint64
}

// as reinterprets a handle as the binding's type for it, which has the same
// bits on every platform.
func as[T any, H ~uint64](h H) T {
	var t T
	if unsafe.Sizeof(t) != unsafe.Sizeof(h) {
		*(*uint32)(unsafe.Pointer(&t)) = uint32(h)
		return t
	}
	return *(*T)(unsafe.Pointer(&h))
}

// from is the inverse of as.
func from[H ~uint64, T any](t T) H {
	if unsafe.Sizeof(t) == 4 {
		return H(*(*uint32)(unsafe.Pointer(&t)))
	}
	return *(*H)(unsafe.Pointer(&t))
}

// Info returns what was probed of the device; the caller must not change it.
func (d *Device) Info() *Info { return &d.physical.info }

// Close destroys the device. Everything made from it must be destroyed before,
// and the queue be idle.
func (d *Device) Close() {
	if d == nil || d.table == nil {
		return
	}
	C.vkd_destroy_device(d.table)
	d.table, d.handle = nil, nil
	d.physical.instance.Messages()
}

// WaitIdle waits until the queue has done all that was submitted.
func (d *Device) WaitIdle() error {
	r := C.vkd_wait_idle(d.table)
	d.physical.instance.Messages()
	return check(r, "vkDeviceWaitIdle")
}

// Submit hands command buffers to the queue in one vkQueueSubmit; f, unless 0,
// is signalled when they are done. The caller keeps other goroutines out of
// Submit and WaitIdle meanwhile. It allocates nothing.
func (d *Device) Submit(cbs []CommandBuffer, f Fence) error {
	r := C.vkd_submit(d.table, (*C.uintptr_t)(unsafe.Pointer(unsafe.SliceData(cbs))), C.uint32_t(len(cbs)), C.Object(f))
	if r != 0 {
		return &Error{Op: fmt.Sprintf("vkQueueSubmit %d command buffers", len(cbs)), Result: Result(r)}
	}
	return nil
}

// CreateFence makes a fence that is not signalled.
func (d *Device) CreateFence() (Fence, error) {
	info := vulkan.FenceCreateInfo{SType: vulkan.StructureTypeFenceCreateInfo}
	defer info.Free()
	var f vulkan.Fence
	if err := check(vulkan.CreateFence(d.handle, &info, nil, &f), "vkCreateFence"); err != nil {
		return 0, err
	}
	return from[Fence](f), nil
}

// DestroyFence frees a fence; 0 is ignored.
func (d *Device) DestroyFence(f Fence) { vulkan.DestroyFence(d.handle, as[vulkan.Fence](f), nil) }

// ResetFence makes a fence unsignalled again. It allocates nothing.
func (d *Device) ResetFence(f Fence) error {
	return check(C.vkd_reset_fence(d.table, C.Object(f)), "vkResetFences")
}

// WaitFence waits for a fence; signalled is false when the timeout came first.
// A negative timeout waits without limit. It allocates nothing.
func (d *Device) WaitFence(f Fence, timeout time.Duration) (signalled bool, err error) {
	r := C.vkd_wait_fence(d.table, C.Object(f), C.uint64_t(timeout))
	switch Result(r) {
	case Success:
		return true, nil
	case Timeout:
		return false, nil
	}
	return false, &Error{Op: "vkWaitForFences", Result: Result(r)}
}

// CreateQueryPool makes room for n timestamps.
func (d *Device) CreateQueryPool(n uint32) (QueryPool, error) {
	info := vulkan.QueryPoolCreateInfo{
		SType:      vulkan.StructureTypeQueryPoolCreateInfo,
		QueryType:  vulkan.QueryTypeTimestamp,
		QueryCount: n,
	}
	defer info.Free()
	var q vulkan.QueryPool
	if err := checkf(vulkan.CreateQueryPool(d.handle, &info, nil, &q), "vkCreateQueryPool %d timestamps", n); err != nil {
		return 0, err
	}
	return from[QueryPool](q), nil
}

// DestroyQueryPool frees a query pool; 0 is ignored.
func (d *Device) DestroyQueryPool(q QueryPool) {
	vulkan.DestroyQueryPool(d.handle, as[vulkan.QueryPool](q), nil)
}

// QueryResults reads len(dst) timestamps in ticks of Limits.TimestampPeriod,
// without waiting: a timestamp not yet written is an error that is NotReady.
func (d *Device) QueryResults(q QueryPool, first uint32, dst []uint64) error {
	if len(dst) == 0 {
		return nil
	}
	r := vulkan.GetQueryPoolResults(d.handle, as[vulkan.QueryPool](q), first, uint32(len(dst)),
		uint(8*len(dst)), unsafe.Pointer(&dst[0]), 8, vulkan.QueryResultFlags(vulkan.QueryResult64Bit))
	for i := range dst {
		dst[i] &= d.timeMask
	}
	return checkf(r, "vkGetQueryPoolResults %d to %d", first, int(first)+len(dst))
}
