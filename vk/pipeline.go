package vk

// #include <stdlib.h>
// #include "trampoline.h"
import "C"

import (
	"encoding/binary"
	"fmt"
	"unsafe"

	vulkan "github.com/vulkan-go/vulkan"
)

// CreateShaderModule takes SPIR-V as its bytes in little-endian order. It
// checks the header only: a driver may crash on a module that is not valid.
func (d *Device) CreateShaderModule(code []byte) (ShaderModule, error) {
	const magic, header = 0x07230203, 20
	if len(code) < header || len(code)%4 != 0 || binary.LittleEndian.Uint32(code) != magic {
		return 0, fmt.Errorf("vk: vkCreateShaderModule: %d bytes are no SPIR-V module", len(code))
	}
	words := make([]uint32, len(code)/4)
	for i := range words {
		words[i] = binary.LittleEndian.Uint32(code[4*i:])
	}
	info := vulkan.ShaderModuleCreateInfo{
		SType:    vulkan.StructureTypeShaderModuleCreateInfo,
		CodeSize: uint(len(code)),
		PCode:    words,
	}
	defer info.Free() // also keeps words alive
	var m vulkan.ShaderModule
	if err := checkf(vulkan.CreateShaderModule(d.handle, &info, nil, &m), "vkCreateShaderModule %d bytes", len(code)); err != nil {
		return 0, err
	}
	return from[ShaderModule](m), nil
}

// DestroyShaderModule frees a module; pipelines made from it live on.
func (d *Device) DestroyShaderModule(m ShaderModule) {
	vulkan.DestroyShaderModule(d.handle, as[vulkan.ShaderModule](m), nil)
}

// CreatePipelineLayout describes the arguments of a shader: one descriptor set
// (0: none) and pushBytes of push constants.
func (d *Device) CreatePipelineLayout(set DescriptorSetLayout, pushBytes uint32) (PipelineLayout, error) {
	if limit := d.physical.info.Limits.MaxPushConstants; pushBytes > limit {
		return 0, fmt.Errorf("vk: vkCreatePipelineLayout: %d bytes of push constants, limit %d", pushBytes, limit)
	}
	var out C.Object
	r := C.vkd_create_pipeline_layout(d.table, C.Object(set), C.uint32_t(pushBytes), &out)
	return PipelineLayout(out), check(r, "vkCreatePipelineLayout")
}

// DestroyPipelineLayout frees a layout; 0 is ignored.
func (d *Device) DestroyPipelineLayout(l PipelineLayout) {
	vulkan.DestroyPipelineLayout(d.handle, as[vulkan.PipelineLayout](l), nil)
}

// CreatePipelineCache makes a cache from what PipelineCacheData gave, for this
// device and driver (Info.PipelineCacheUUID), or an empty one from nil. Drivers
// ignore data of another driver, but trust it otherwise.
func (d *Device) CreatePipelineCache(initial []byte) (PipelineCache, error) {
	info := vulkan.PipelineCacheCreateInfo{SType: vulkan.StructureTypePipelineCacheCreateInfo}
	if len(initial) > 0 {
		data := C.CBytes(initial) // a Go pointer must not lie in the binding's C struct
		defer C.free(data)
		info.InitialDataSize, info.PInitialData = uint(len(initial)), data
	}
	defer info.Free()
	var c vulkan.PipelineCache
	if err := checkf(vulkan.CreatePipelineCache(d.handle, &info, nil, &c), "vkCreatePipelineCache %d bytes", len(initial)); err != nil {
		return 0, err
	}
	return from[PipelineCache](c), nil
}

// PipelineCacheData returns what to keep for the next run.
func (d *Device) PipelineCacheData(c PipelineCache) ([]byte, error) {
	for {
		var n uint
		r := vulkan.GetPipelineCacheData(d.handle, as[vulkan.PipelineCache](c), &n, nil)
		if err := check(r, "vkGetPipelineCacheData"); err != nil || n == 0 {
			return nil, err
		}
		data := make([]byte, n)
		r = vulkan.GetPipelineCacheData(d.handle, as[vulkan.PipelineCache](c), &n, unsafe.Pointer(&data[0]))
		if r == vulkan.Incomplete { // grown in between
			continue
		}
		return data[:n], check(r, "vkGetPipelineCacheData")
	}
}

// DestroyPipelineCache frees a cache; 0 is ignored.
func (d *Device) DestroyPipelineCache(c PipelineCache) {
	vulkan.DestroyPipelineCache(d.handle, as[vulkan.PipelineCache](c), nil)
}

// Spec sets the specialization constant with this id; Value holds its 32 bits
// (math.Float32bits of a float, 0 or 1 of a bool).
type Spec struct{ ID, Value uint32 }

// PipelineInfo is a compute pipeline to be made of the entry point "main".
type PipelineInfo struct {
	Module ShaderModule
	Layout PipelineLayout
	Cache  PipelineCache // 0: none
	Spec   []Spec
	// SubgroupSize, unless 0, is required of the driver; it needs
	// Features.SubgroupSizeControl and Subgroup.RequiredSize.
	SubgroupSize uint32
	// FullSubgroups demands that every subgroup is full; it needs
	// Features.ComputeFullSubgroups.
	FullSubgroups bool
}

// CreateComputePipeline compiles a pipeline, which can take seconds.
func (d *Device) CreateComputePipeline(p PipelineInfo) (Pipeline, error) {
	const requireFullSubgroups = 2
	request := C.PipelineRequest{
		module:       C.Object(p.Module),
		layout:       C.Object(p.Layout),
		cache:        C.Object(p.Cache),
		subgroupSize: C.uint32_t(p.SubgroupSize),
		specCount:    C.uint32_t(len(p.Spec)),
	}
	if p.FullSubgroups {
		request.flags = requireFullSubgroups
	}
	var out C.Object
	spec := (*C.uint32_t)(unsafe.Pointer(unsafe.SliceData(p.Spec)))
	r := C.vkd_create_pipeline(d.table, &request, spec, &out)
	return Pipeline(out), checkf(r, "vkCreateComputePipelines spec %v, subgroup size %d", p.Spec, p.SubgroupSize)
}

// DestroyPipeline frees a pipeline; 0 is ignored.
func (d *Device) DestroyPipeline(p Pipeline) {
	vulkan.DestroyPipeline(d.handle, as[vulkan.Pipeline](p), nil)
}
