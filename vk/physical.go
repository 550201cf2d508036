package vk

// #include <stdlib.h>
// #include "trampoline.h"
import "C"

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unsafe"

	"github.com/google/uuid"
	vulkan "github.com/vulkan-go/vulkan"
)

const (
	extDriverProperties    = "VK_KHR_driver_properties"
	extSubgroupSizeControl = "VK_EXT_subgroup_size_control"
	extMaintenance4        = "VK_KHR_maintenance4"
	ext8BitStorage         = "VK_KHR_8bit_storage"
	extFloat16Int8         = "VK_KHR_shader_float16_int8"
	extDotProduct          = "VK_KHR_shader_integer_dot_product"
	extCooperativeMatrix   = "VK_KHR_cooperative_matrix"
	extMemoryModel         = "VK_KHR_vulkan_memory_model"
	extPortabilitySubset   = "VK_KHR_portability_subset"
)

// PhysicalDevice is a device that the loader listed. It lives as long as its
// instance.
type PhysicalDevice struct {
	instance *Instance
	handle   vulkan.PhysicalDevice
	info     Info
	noQueue  bool // no queue family computes
}

// Info returns what was probed; the caller must not change it.
func (p *PhysicalDevice) Info() *Info { return &p.info }

func (p *PhysicalDevice) has(extension string) bool {
	_, found := slices.BinarySearch(p.info.Extensions, extension)
	return found
}

func (p *PhysicalDevice) probe() error {
	p.probeProperties()
	p.probeMemory()
	if err := p.probeExtensions(); err != nil {
		return err
	}
	if err := p.probeQueues(); err != nil {
		return err
	}
	if p.info.APIVersion < apiVersion {
		return nil // listed, but Open refuses it
	}
	p.probeChains()
	return p.probeCooperativeMatrices()
}

// op names a failing call together with the device.
func (p *PhysicalDevice) op(call string) string { return fmt.Sprintf("%s on %q", call, p.info.Name) }

func (p *PhysicalDevice) probeProperties() {
	var v vulkan.PhysicalDeviceProperties
	vulkan.GetPhysicalDeviceProperties(p.handle, &v)
	defer v.Free()
	v.Deref()
	v.Limits.Deref()
	l := v.Limits
	p.info.Name = vulkan.ToString(v.DeviceName[:])
	p.info.Type = DeviceType(v.DeviceType)
	p.info.VendorID, p.info.DeviceID = v.VendorID, v.DeviceID
	p.info.APIVersion = Version(v.ApiVersion)
	p.info.DriverVersion = v.DriverVersion
	p.info.PipelineCacheUUID = uuid.UUID(v.PipelineCacheUUID)
	p.info.Limits = Limits{
		MaxComputeSharedMemory:          l.MaxComputeSharedMemorySize,
		MaxWorkgroupInvocations:         l.MaxComputeWorkGroupInvocations,
		MaxWorkgroupSize:                l.MaxComputeWorkGroupSize,
		MaxWorkgroupCount:               l.MaxComputeWorkGroupCount,
		MaxStorageBufferRange:           uint64(l.MaxStorageBufferRange),
		MaxUniformBufferRange:           uint64(l.MaxUniformBufferRange),
		MaxTexelBufferElements:          uint64(l.MaxTexelBufferElements),
		MaxImageDimension2D:             l.MaxImageDimension2D,
		MaxPushConstants:                l.MaxPushConstantsSize,
		MaxStorageBuffersPerStage:       l.MaxPerStageDescriptorStorageBuffers,
		MaxSampledImagesPerStage:        l.MaxPerStageDescriptorSampledImages,
		MaxBoundDescriptorSets:          l.MaxBoundDescriptorSets,
		MinStorageBufferOffsetAlignment: uint64(l.MinStorageBufferOffsetAlignment),
		MinTexelBufferOffsetAlignment:   uint64(l.MinTexelBufferOffsetAlignment),
		MinUniformBufferOffsetAlignment: uint64(l.MinUniformBufferOffsetAlignment),
		NonCoherentAtomSize:             uint64(l.NonCoherentAtomSize),
		MaxMemoryAllocations:            l.MaxMemoryAllocationCount,
		TimestampPeriod:                 l.TimestampPeriod,
	}
}

func (p *PhysicalDevice) probeMemory() {
	var v vulkan.PhysicalDeviceMemoryProperties
	vulkan.GetPhysicalDeviceMemoryProperties(p.handle, &v)
	defer v.Free()
	v.Deref()
	for i := range v.MemoryTypeCount {
		t := v.MemoryTypes[i]
		t.Deref()
		on := func(bit vulkan.MemoryPropertyFlagBits) bool {
			return t.PropertyFlags&vulkan.MemoryPropertyFlags(bit) != 0
		}
		p.info.MemoryTypes = append(p.info.MemoryTypes, MemoryType{
			DeviceLocal:  on(vulkan.MemoryPropertyDeviceLocalBit),
			HostVisible:  on(vulkan.MemoryPropertyHostVisibleBit),
			HostCoherent: on(vulkan.MemoryPropertyHostCoherentBit),
			HostCached:   on(vulkan.MemoryPropertyHostCachedBit),
			Heap:         t.HeapIndex,
		})
	}
	for i := range v.MemoryHeapCount {
		h := v.MemoryHeaps[i]
		h.Deref()
		local := h.Flags&vulkan.MemoryHeapFlags(vulkan.MemoryHeapDeviceLocalBit) != 0
		p.info.Heaps = append(p.info.Heaps, Heap{Size: uint64(h.Size), DeviceLocal: local})
	}
}

func (p *PhysicalDevice) probeExtensions() error {
	var n C.uint32_t
	var list *C.ExtensionProperties
	r := C.vkd_device_extensions(p.instance.loader.gipa, C.Handle(p.instance.handle), C.Handle(p.handle), &n, &list)
	if r != 0 {
		return check(r, p.op("vkEnumerateDeviceExtensionProperties"))
	}
	p.info.Extensions = extensionNames(n, list)
	return nil
}

// probeQueues takes the first family that computes and writes timestamps, else
// the first that computes.
func (p *PhysicalDevice) probeQueues() error {
	var n C.uint32_t
	var list *C.QueueFamilyProperties
	r := C.vkd_queue_families(p.instance.loader.gipa, C.Handle(p.instance.handle), C.Handle(p.handle), &n, &list)
	if r != 0 {
		return check(r, p.op("vkGetPhysicalDeviceQueueFamilyProperties"))
	}
	defer C.free(unsafe.Pointer(list))
	p.noQueue = true
	for i, f := range unsafe.Slice(list, n) {
		if uint32(f.flags)&uint32(vulkan.QueueComputeBit) == 0 || f.count == 0 {
			continue
		}
		if p.noQueue || (p.info.TimestampBits == 0 && f.timestampBits != 0) {
			p.info.QueueFamily, p.info.TimestampBits = uint32(i), uint32(f.timestampBits)
		}
		p.noQueue = false
	}
	return nil
}

// probeChains asks for what came after Vulkan 1.0.
func (p *PhysicalDevice) probeChains() {
	flag := func(extension string) C.int {
		if p.has(extension) {
			return 1
		}
		return 0
	}
	has := C.Has{
		driverProperties:    flag(extDriverProperties),
		subgroupSizeControl: flag(extSubgroupSizeControl),
		maintenance4:        flag(extMaintenance4),
		storage8:            flag(ext8BitStorage),
		float16Int8:         flag(extFloat16Int8),
		dotProduct:          flag(extDotProduct),
		cooperativeMatrix:   flag(extCooperativeMatrix),
		memoryModel:         flag(extMemoryModel),
	}
	var v C.Probe
	C.vkd_probe(p.instance.loader.gipa, C.Handle(p.instance.handle), C.Handle(p.handle), &has, &v)

	i := &p.info
	i.DriverName, i.DriverInfo = C.GoString(&v.driverName[0]), C.GoString(&v.driverInfo[0])
	i.DeviceUUID = *(*uuid.UUID)(unsafe.Pointer(&v.deviceUUID))
	i.DriverUUID = *(*uuid.UUID)(unsafe.Pointer(&v.driverUUID))
	i.Limits.MaxMemoryAllocationSize = uint64(v.maxAllocationSize)
	i.Limits.MaxBufferSize = uint64(v.maxBufferSize)
	if i.Limits.MaxBufferSize == 0 {
		// Without maintenance4 no limit is stated: an allocation bounds it.
		i.Limits.MaxBufferSize = i.Limits.MaxMemoryAllocationSize
	}
	i.DotAccelerated = v.dotAccelerated != 0
	i.Features = Features{
		ShaderFloat16:        v.float16 != 0,
		ShaderInt8:           v.int8 != 0,
		ShaderInt16:          v.int16 != 0,
		ShaderInt64:          v.int64 != 0,
		StorageBuffer16Bit:   v.storage16 != 0,
		StorageBuffer8Bit:    v.storage8 != 0,
		SubgroupSizeControl:  v.sizeControl != 0,
		ComputeFullSubgroups: v.fullSubgroups != 0,
		CooperativeMatrix:    v.cooperativeMatrix != 0,
		IntegerDotProduct:    v.dotProduct != 0,
		VulkanMemoryModel:    v.memoryModel != 0,
		RobustBufferAccess:   v.robustBufferAccess != 0,
	}

	const compute = C.STAGE_COMPUTE
	op := func(bit uint) bool { return v.subgroupStages&compute != 0 && v.subgroupOperations>>bit&1 != 0 }
	size := uint32(v.subgroupSize)
	i.Subgroup = Subgroup{
		Size: size, MinSize: size, MaxSize: size,
		RequiredSize:    v.requiredSizeStages&compute != 0,
		Compute:         v.subgroupStages&compute != 0,
		Basic:           op(0),
		Vote:            op(1),
		Arithmetic:      op(2),
		Ballot:          op(3),
		Shuffle:         op(4),
		ShuffleRelative: op(5),
		Quad:            op(7),
		Clustered:       op(6),
	}
	if i.Features.SubgroupSizeControl {
		i.Subgroup.MinSize, i.Subgroup.MaxSize = uint32(v.subgroupMin), uint32(v.subgroupMax)
	}
}

func (p *PhysicalDevice) probeCooperativeMatrices() error {
	if !p.info.Features.CooperativeMatrix {
		return nil
	}
	var n C.uint32_t
	var list *C.CooperativeMatrixProperties
	r := C.vkd_cooperative_matrices(p.instance.loader.gipa, C.Handle(p.instance.handle), C.Handle(p.handle), &n, &list)
	if r != 0 {
		return check(r, p.op("vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR"))
	}
	defer C.free(unsafe.Pointer(list))
	for _, m := range unsafe.Slice(list, n) {
		p.info.CooperativeMatrices = append(p.info.CooperativeMatrices, CooperativeMatrix{
			M: uint32(m.m), N: uint32(m.n), K: uint32(m.k),
			A: ComponentType(m.a), B: ComponentType(m.b), C: ComponentType(m.c), Result: ComponentType(m.result),
			Saturating:    m.saturating != 0,
			SubgroupScope: m.scope == 3,
		})
	}
	return nil
}

// Open opens the device with one compute queue and with exactly the features
// asked for; a feature that the device lacks is an error that names it.
func (p *PhysicalDevice) Open(enable Features) (*Device, error) {
	if p.info.APIVersion < apiVersion {
		return nil, fmt.Errorf("vk: %q supports Vulkan %v, need %v", p.info.Name, p.info.APIVersion, apiVersion)
	}
	if p.noQueue {
		return nil, fmt.Errorf("vk: %q has no compute queue", p.info.Name)
	}
	if enable.CooperativeMatrix && p.info.Features.VulkanMemoryModel {
		enable.VulkanMemoryModel = true // its shaders declare that model
	}
	if missing := p.info.Features.missing(enable); missing != nil {
		return nil, &Error{Op: p.op("vkCreateDevice") + " lacks " + strings.Join(missing, ", "), Result: ErrorFeatureNotPresent}
	}

	var extensions []string
	for _, e := range []struct {
		name string
		want bool
	}{
		{extPortabilitySubset, p.has(extPortabilitySubset)}, // must be on where it exists
		{ext8BitStorage, enable.StorageBuffer8Bit},
		{extFloat16Int8, enable.ShaderFloat16 || enable.ShaderInt8},
		{extDotProduct, enable.IntegerDotProduct},
		{extSubgroupSizeControl, enable.SubgroupSizeControl || enable.ComputeFullSubgroups},
		{extCooperativeMatrix, enable.CooperativeMatrix},
		{extMemoryModel, enable.VulkanMemoryModel},
	} {
		if e.want {
			extensions = append(extensions, e.name)
		}
	}
	names, free := cStrings(extensions)
	defer free()
	on := func(b bool) C.uint32_t {
		if b {
			return 1
		}
		return 0
	}
	request := C.DeviceRequest{
		robustBufferAccess: on(enable.RobustBufferAccess),
		int16:              on(enable.ShaderInt16),
		int64:              on(enable.ShaderInt64),
		storage16:          on(enable.StorageBuffer16Bit),
		storage8:           on(enable.StorageBuffer8Bit),
		float16:            on(enable.ShaderFloat16),
		int8:               on(enable.ShaderInt8),
		dotProduct:         on(enable.IntegerDotProduct),
		sizeControl:        on(enable.SubgroupSizeControl),
		fullSubgroups:      on(enable.ComputeFullSubgroups),
		cooperativeMatrix:  on(enable.CooperativeMatrix),
		memoryModel:        on(enable.VulkanMemoryModel),
		family:             C.uint32_t(p.info.QueueFamily),
		extensionCount:     names.count,
		extensions:         names.first,
	}
	var table *C.DeviceTable
	r := C.vkd_create_device(p.instance.loader.gipa, C.Handle(p.instance.handle), C.Handle(p.handle), &request, &table)
	if r != 0 {
		return nil, check(r, p.op("vkCreateDevice"))
	}
	return &Device{
		table:    table,
		handle:   vulkan.Device(C.vkd_device_handle(table)),
		physical: p,
		timeMask: timestampMask(p.info.TimestampBits),
	}, nil
}

// timestampMask keeps a timestamp's valid bits.
func timestampMask(valid uint32) uint64 {
	if valid >= 64 {
		return math.MaxUint64
	}
	return 1<<valid - 1
}
