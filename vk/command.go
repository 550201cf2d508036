package vk

// #cgo noescape vkd_record
// #cgo nocallback vkd_record
// #include "trampoline.h"
import "C"

import (
	"encoding/binary"
	"fmt"
	"unsafe"

	vulkan "github.com/vulkan-go/vulkan"
)

// CreateCommandPool makes a pool of command buffers that can be recorded again.
func (d *Device) CreateCommandPool() (CommandPool, error) {
	info := vulkan.CommandPoolCreateInfo{
		SType:            vulkan.StructureTypeCommandPoolCreateInfo,
		Flags:            vulkan.CommandPoolCreateFlags(vulkan.CommandPoolCreateResetCommandBufferBit),
		QueueFamilyIndex: d.physical.info.QueueFamily,
	}
	defer info.Free()
	var p vulkan.CommandPool
	if err := check(vulkan.CreateCommandPool(d.handle, &info, nil, &p), "vkCreateCommandPool"); err != nil {
		return 0, err
	}
	return from[CommandPool](p), nil
}

// DestroyCommandPool frees a pool and all of its buffers; 0 is ignored.
func (d *Device) DestroyCommandPool(p CommandPool) {
	vulkan.DestroyCommandPool(d.handle, as[vulkan.CommandPool](p), nil)
}

// AllocateCommandBuffers takes n command buffers from a pool.
func (d *Device) AllocateCommandBuffers(p CommandPool, n int) ([]CommandBuffer, error) {
	if n <= 0 {
		return nil, nil
	}
	info := vulkan.CommandBufferAllocateInfo{
		SType:              vulkan.StructureTypeCommandBufferAllocateInfo,
		CommandPool:        as[vulkan.CommandPool](p),
		Level:              vulkan.CommandBufferLevelPrimary,
		CommandBufferCount: uint32(n),
	}
	defer info.Free()
	list := make([]vulkan.CommandBuffer, n)
	if err := checkf(vulkan.AllocateCommandBuffers(d.handle, &info, list), "vkAllocateCommandBuffers %d", n); err != nil {
		return nil, err
	}
	cbs := make([]CommandBuffer, n)
	for i, cb := range list {
		cbs[i] = CommandBuffer(uintptr(unsafe.Pointer(cb)))
	}
	return cbs, nil
}

// FreeCommandBuffers gives command buffers back to their pool.
func (d *Device) FreeCommandBuffers(p CommandPool, cbs []CommandBuffer) {
	if len(cbs) == 0 {
		return
	}
	list := unsafe.Slice((*vulkan.CommandBuffer)(unsafe.Pointer(&cbs[0])), len(cbs))
	vulkan.FreeCommandBuffers(d.handle, as[vulkan.CommandPool](p), uint32(len(list)), list)
}

// Stream is a list of commands as plain numbers. Its zero value is empty and
// ready; Reset keeps its room.
type Stream struct{ ops []uint64 }

// Reset empties the stream.
func (s *Stream) Reset() { s.ops = s.ops[:0] }

// Empty tells whether no command was added.
func (s *Stream) Empty() bool { return len(s.ops) == 0 }

// BindPipeline makes p the pipeline of the dispatches that follow.
func (s *Stream) BindPipeline(p Pipeline) {
	s.ops = append(s.ops, C.OP_BIND_PIPELINE, uint64(p))
}

// BindSet makes set the arguments of the dispatches that follow.
func (s *Stream) BindSet(l PipelineLayout, set DescriptorSet) {
	s.ops = append(s.ops, C.OP_BIND_SET, uint64(l), uint64(set))
}

// Push sets the push constants from offset 0 on; their length must be a
// multiple of four.
func (s *Stream) Push(l PipelineLayout, data []byte) {
	s.ops = append(s.ops, C.OP_PUSH, uint64(l), uint64(len(data)))
	for len(data) > 0 {
		var word [8]byte
		data = data[copy(word[:], data):]
		s.ops = append(s.ops, binary.NativeEndian.Uint64(word[:]))
	}
}

// PushWords is Push of 32-bit words.
func (s *Stream) PushWords(l PipelineLayout, words []uint32) {
	s.Push(l, unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(words))), 4*len(words)))
}

// Dispatch runs the pipeline on a grid of x·y·z workgroups.
func (s *Stream) Dispatch(x, y, z uint32) {
	s.ops = append(s.ops, C.OP_DISPATCH, uint64(x), uint64(y), uint64(z))
}

// Barrier makes what srcStage did with srcAccess done and visible to dstStage
// for dstAccess, in all memory.
func (s *Stream) Barrier(srcStage, dstStage Stage, srcAccess, dstAccess Access) {
	s.ops = append(s.ops, C.OP_BARRIER, uint64(srcStage), uint64(dstStage), uint64(srcAccess), uint64(dstAccess))
}

// CopyBuffer copies size bytes.
func (s *Stream) CopyBuffer(src, dst Buffer, srcOff, dstOff, size uint64) {
	s.ops = append(s.ops, C.OP_COPY_BUFFER, uint64(src), uint64(dst), srcOff, dstOff, size)
}

// FillBuffer writes value into every 32-bit word of size bytes (or WholeSize)
// from off on; both are multiples of four.
func (s *Stream) FillBuffer(b Buffer, off, size uint64, value uint32) {
	s.ops = append(s.ops, C.OP_FILL_BUFFER, uint64(b), off, size, uint64(value))
}

// ResetQueries empties n timestamps; it must come before they are written.
func (s *Stream) ResetQueries(q QueryPool, first, n uint32) {
	s.ops = append(s.ops, C.OP_RESET_QUERIES, uint64(q), uint64(first), uint64(n))
}

// Timestamp writes the time at which stage is done with all commands before.
func (s *Stream) Timestamp(q QueryPool, index uint32, stage Stage) {
	s.ops = append(s.ops, C.OP_TIMESTAMP, uint64(q), uint64(index), uint64(stage))
}

// Record begins a command buffer, replays the stream into it and ends it, in
// one crossing into C. What the buffer held before is gone. oneTime promises
// that it is submitted once.
func (d *Device) Record(cb CommandBuffer, s *Stream, oneTime bool) error {
	var once C.int
	if oneTime {
		once = 1
	}
	r := C.vkd_record(d.table, C.uintptr_t(cb), (*C.uint64_t)(unsafe.Pointer(unsafe.SliceData(s.ops))), C.uint64_t(len(s.ops)), once)
	if r != 0 {
		return &Error{Op: fmt.Sprintf("vkBeginCommandBuffer or vkEndCommandBuffer, %d words", len(s.ops)), Result: Result(r)}
	}
	return nil
}
