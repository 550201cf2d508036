package vk

import vulkan "github.com/vulkan-go/vulkan"

// BufferUsage is a set of ways in which a buffer is used.
type BufferUsage uint32

// The uses of a buffer.
const (
	UsageTransferSrc        = BufferUsage(vulkan.BufferUsageTransferSrcBit)
	UsageTransferDst        = BufferUsage(vulkan.BufferUsageTransferDstBit)
	UsageUniformTexelBuffer = BufferUsage(vulkan.BufferUsageUniformTexelBufferBit)
	UsageStorageTexelBuffer = BufferUsage(vulkan.BufferUsageStorageTexelBufferBit)
	UsageUniformBuffer      = BufferUsage(vulkan.BufferUsageUniformBufferBit)
	UsageStorageBuffer      = BufferUsage(vulkan.BufferUsageStorageBufferBit)
)

// Format is how a texel is stored.
type Format uint32

// The formats of texel buffers.
const (
	FormatR32F     = Format(vulkan.FormatR32Sfloat)
	FormatRGBA32F  = Format(vulkan.FormatR32g32b32a32Sfloat)
	FormatRGBA32UI = Format(vulkan.FormatR32g32b32a32Uint)
)

// DescriptorType is what a binding of a shader refers to.
type DescriptorType uint32

// The kinds of binding.
const (
	UniformTexelBuffer = DescriptorType(vulkan.DescriptorTypeUniformTexelBuffer)
	StorageTexelBuffer = DescriptorType(vulkan.DescriptorTypeStorageTexelBuffer)
	UniformBuffer      = DescriptorType(vulkan.DescriptorTypeUniformBuffer)
	StorageBuffer      = DescriptorType(vulkan.DescriptorTypeStorageBuffer)
)

// Stage is a set of pipeline stages of a barrier or a timestamp.
type Stage uint32

// The stages that headless compute passes through.
const (
	StageTop      = Stage(vulkan.PipelineStageTopOfPipeBit)
	StageCompute  = Stage(vulkan.PipelineStageComputeShaderBit)
	StageTransfer = Stage(vulkan.PipelineStageTransferBit)
	StageBottom   = Stage(vulkan.PipelineStageBottomOfPipeBit)
	StageHost     = Stage(vulkan.PipelineStageHostBit)
)

// Access is a set of ways in which memory is touched, for a barrier.
type Access uint32

// The kinds of access. ShaderRead covers texel buffers, too.
const (
	AccessUniformRead   = Access(vulkan.AccessUniformReadBit)
	AccessShaderRead    = Access(vulkan.AccessShaderReadBit)
	AccessShaderWrite   = Access(vulkan.AccessShaderWriteBit)
	AccessTransferRead  = Access(vulkan.AccessTransferReadBit)
	AccessTransferWrite = Access(vulkan.AccessTransferWriteBit)
	AccessHostRead      = Access(vulkan.AccessHostReadBit)
	AccessHostWrite     = Access(vulkan.AccessHostWriteBit)
)

// WholeSize means all that follows the offset.
const WholeSize = ^uint64(0)
