package vk

// #include "trampoline.h"
import "C"

import (
	"unsafe"

	vulkan "github.com/vulkan-go/vulkan"
)

// CreateDescriptorSetLayout makes the layout of a set in which binding i is one
// descriptor of types[i].
func (d *Device) CreateDescriptorSetLayout(types []DescriptorType) (DescriptorSetLayout, error) {
	var out C.Object
	r := C.vkd_create_set_layout(d.table, (*C.uint32_t)(unsafe.Pointer(unsafe.SliceData(types))), C.uint32_t(len(types)), &out)
	return DescriptorSetLayout(out), checkf(r, "vkCreateDescriptorSetLayout %d bindings", len(types))
}

// DestroyDescriptorSetLayout frees a layout; 0 is ignored.
func (d *Device) DestroyDescriptorSetLayout(l DescriptorSetLayout) {
	vulkan.DestroyDescriptorSetLayout(d.handle, as[vulkan.DescriptorSetLayout](l), nil)
}

// CreateDescriptorPool makes room for maxSets sets that hold, together, counts
// descriptors of each kind.
func (d *Device) CreateDescriptorPool(maxSets uint32, counts map[DescriptorType]uint32) (DescriptorPool, error) {
	sizes := make([]C.DescriptorPoolSize, 0, len(counts))
	for t, n := range counts {
		if n > 0 {
			sizes = append(sizes, C.DescriptorPoolSize{_type: C.uint32_t(t), count: C.uint32_t(n)})
		}
	}
	var out C.Object
	r := C.vkd_create_pool(d.table, C.uint32_t(maxSets), unsafe.SliceData(sizes), C.uint32_t(len(sizes)), &out)
	return DescriptorPool(out), checkf(r, "vkCreateDescriptorPool %d sets", maxSets)
}

// DestroyDescriptorPool frees a pool and all of its sets; 0 is ignored.
func (d *Device) DestroyDescriptorPool(p DescriptorPool) {
	vulkan.DestroyDescriptorPool(d.handle, as[vulkan.DescriptorPool](p), nil)
}

// AllocateDescriptorSets takes one set for each layout from a pool. The sets
// are freed together with the pool.
func (d *Device) AllocateDescriptorSets(p DescriptorPool, layouts []DescriptorSetLayout) ([]DescriptorSet, error) {
	if len(layouts) == 0 {
		return nil, nil
	}
	sets := make([]DescriptorSet, len(layouts))
	r := C.vkd_allocate_sets(d.table, C.Object(p), (*C.Object)(unsafe.Pointer(&layouts[0])), C.uint32_t(len(layouts)),
		(*C.Object)(unsafe.Pointer(&sets[0])))
	if err := checkf(r, "vkAllocateDescriptorSets %d sets", len(layouts)); err != nil {
		return nil, err
	}
	return sets, nil
}

// DescriptorWrite puts a resource into a binding of a set: Buffer with Offset
// and Range in bytes for buffers, View for texel buffers.
type DescriptorWrite struct {
	Set           DescriptorSet
	Binding       uint32
	Type          DescriptorType
	Buffer        Buffer
	Offset, Range uint64
	View          BufferView
}

// UpdateDescriptorSets writes descriptors. Sets in use by the device must not
// be written.
func (d *Device) UpdateDescriptorSets(writes []DescriptorWrite) error {
	if len(writes) == 0 {
		return nil
	}
	list := make([]C.Write, len(writes))
	for i, w := range writes {
		list[i] = C.Write{
			set: C.Object(w.Set), binding: C.uint32_t(w.Binding), _type: C.uint32_t(w.Type),
			buffer: C.Object(w.Buffer), view: C.Object(w.View),
			offset: C.uint64_t(w.Offset), _range: C.uint64_t(w.Range),
		}
	}
	return check(C.vkd_update_sets(d.table, &list[0], C.uint32_t(len(list))), "vkUpdateDescriptorSets")
}
