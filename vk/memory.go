package vk

// #include "trampoline.h"
import "C"

import (
	"fmt"
	"unsafe"

	vulkan "github.com/vulkan-go/vulkan"
)

// MemoryRequirements is what an object needs of the memory bound to it; bit i
// of TypeBits stands for Info.MemoryTypes[i].
type MemoryRequirements struct {
	Size, Alignment uint64
	TypeBits        uint32
}

func requirements(v *vulkan.MemoryRequirements) MemoryRequirements {
	v.Deref()
	defer v.Free()
	return MemoryRequirements{Size: uint64(v.Size), Alignment: uint64(v.Alignment), TypeBits: v.MemoryTypeBits}
}

// CreateBuffer makes a buffer of size bytes that has no memory yet.
func (d *Device) CreateBuffer(size uint64, usage BufferUsage) (Buffer, MemoryRequirements, error) {
	info := vulkan.BufferCreateInfo{
		SType: vulkan.StructureTypeBufferCreateInfo,
		Size:  vulkan.DeviceSize(size),
		Usage: vulkan.BufferUsageFlags(usage),
	}
	defer info.Free()
	var b vulkan.Buffer
	if err := checkf(vulkan.CreateBuffer(d.handle, &info, nil, &b), "vkCreateBuffer %d bytes", size); err != nil {
		return 0, MemoryRequirements{}, err
	}
	var need vulkan.MemoryRequirements
	vulkan.GetBufferMemoryRequirements(d.handle, b, &need)
	return from[Buffer](b), requirements(&need), nil
}

// DestroyBuffer frees a buffer, not its memory; 0 is ignored.
func (d *Device) DestroyBuffer(b Buffer) { vulkan.DestroyBuffer(d.handle, as[vulkan.Buffer](b), nil) }

// AllocateMemory allocates size bytes of Info.MemoryTypes[typeIndex].
func (d *Device) AllocateMemory(size uint64, typeIndex uint32) (Memory, error) {
	if int(typeIndex) >= len(d.physical.info.MemoryTypes) {
		return 0, fmt.Errorf("vk: vkAllocateMemory: memory type %d of %d", typeIndex, len(d.physical.info.MemoryTypes))
	}
	info := vulkan.MemoryAllocateInfo{
		SType:           vulkan.StructureTypeMemoryAllocateInfo,
		AllocationSize:  vulkan.DeviceSize(size),
		MemoryTypeIndex: typeIndex,
	}
	defer info.Free()
	var m vulkan.DeviceMemory
	if err := checkf(vulkan.AllocateMemory(d.handle, &info, nil, &m), "vkAllocateMemory %d bytes", size); err != nil {
		return 0, err
	}
	return from[Memory](m), nil
}

// FreeMemory frees memory, mapped or not; 0 is ignored.
func (d *Device) FreeMemory(m Memory) { vulkan.FreeMemory(d.handle, as[vulkan.DeviceMemory](m), nil) }

// BindBuffer gives a buffer its memory, from offset on. It can be done once.
func (d *Device) BindBuffer(b Buffer, m Memory, offset uint64) error {
	r := vulkan.BindBufferMemory(d.handle, as[vulkan.Buffer](b), as[vulkan.DeviceMemory](m), vulkan.DeviceSize(offset))
	return checkf(r, "vkBindBufferMemory at %d", offset)
}

// Map shows the first size bytes of host-visible memory. The slice is dead
// after Unmap or FreeMemory.
func (d *Device) Map(m Memory, size uint64) ([]byte, error) {
	if size != uint64(int(size)) {
		return nil, fmt.Errorf("vk: vkMapMemory %d bytes: more than can be addressed", size)
	}
	var p unsafe.Pointer
	r := vulkan.MapMemory(d.handle, as[vulkan.DeviceMemory](m), 0, vulkan.DeviceSize(size), 0, &p)
	if err := checkf(r, "vkMapMemory %d bytes", size); err != nil {
		return nil, err
	}
	return unsafe.Slice((*byte)(p), int(size)), nil
}

// Unmap ends a Map.
func (d *Device) Unmap(m Memory) { vulkan.UnmapMemory(d.handle, as[vulkan.DeviceMemory](m)) }

// Flush makes the host's writes to a mapped range visible to the device. Only
// memory that is not host-coherent needs it. The range is widened to whole
// atoms (Limits.NonCoherentAtomSize); where that would pass the end of the
// memory, size must be WholeSize.
func (d *Device) Flush(m Memory, offset, size uint64) error {
	offset, size = d.atoms(offset, size)
	r := C.vkd_flush(d.table, C.Object(m), C.uint64_t(offset), C.uint64_t(size), 0)
	return checkf(r, "vkFlushMappedMemoryRanges %d bytes at %d", size, offset)
}

// Invalidate makes the device's writes to a mapped range visible to the host,
// as Flush does the other way.
func (d *Device) Invalidate(m Memory, offset, size uint64) error {
	offset, size = d.atoms(offset, size)
	r := C.vkd_flush(d.table, C.Object(m), C.uint64_t(offset), C.uint64_t(size), 1)
	return checkf(r, "vkInvalidateMappedMemoryRanges %d bytes at %d", size, offset)
}

func (d *Device) atoms(offset, size uint64) (uint64, uint64) {
	atom := max(d.physical.info.Limits.NonCoherentAtomSize, 1)
	first := offset / atom * atom
	if size == WholeSize {
		return first, size
	}
	return first, (offset + size - first + atom - 1) / atom * atom
}

// CreateBufferView shows size bytes of a buffer from offset on as texels.
// Size WholeSize means to the buffer's end.
func (d *Device) CreateBufferView(b Buffer, f Format, offset, size uint64) (BufferView, error) {
	info := vulkan.BufferViewCreateInfo{
		SType:  vulkan.StructureTypeBufferViewCreateInfo,
		Buffer: as[vulkan.Buffer](b),
		Format: vulkan.Format(f),
		Offset: vulkan.DeviceSize(offset),
		Range:  vulkan.DeviceSize(size),
	}
	defer info.Free()
	var v vulkan.BufferView
	if err := checkf(vulkan.CreateBufferView(d.handle, &info, nil, &v), "vkCreateBufferView %d bytes at %d", size, offset); err != nil {
		return 0, err
	}
	return from[BufferView](v), nil
}

// DestroyBufferView frees a view; 0 is ignored.
func (d *Device) DestroyBufferView(v BufferView) {
	vulkan.DestroyBufferView(d.handle, as[vulkan.BufferView](v), nil)
}
