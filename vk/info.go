package vk

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/google/uuid"
)

// Version is a Vulkan version as the API packs it.
type Version uint32

// String gives major.minor.patch.
func (v Version) String() string {
	return fmt.Sprintf("%d.%d.%d", v>>22&0x7f, v>>12&0x3ff, v&0xfff)
}

// DeviceType is the kind of a physical device.
type DeviceType uint32

// The kinds of device, numbered as in Vulkan.
const (
	Other DeviceType = iota
	IntegratedGPU
	DiscreteGPU
	VirtualGPU
	CPU
)

// String gives the kind in plain words.
func (t DeviceType) String() string {
	switch t {
	case IntegratedGPU:
		return "integrated GPU"
	case DiscreteGPU:
		return "discrete GPU"
	case VirtualGPU:
		return "virtual GPU"
	case CPU:
		return "CPU"
	}
	return "other"
}

// Info is all that was probed of a physical device. It is not to be changed.
type Info struct {
	Name                                      string
	Type                                      DeviceType
	VendorID, DeviceID                        uint32
	APIVersion                                Version
	DriverVersion                             uint32 // packed as the vendor likes
	DriverName, DriverInfo                    string // empty where the driver does not tell
	DeviceUUID, DriverUUID, PipelineCacheUUID uuid.UUID

	Limits      Limits
	Features    Features // what the device can do; Open enables what is asked for
	Subgroup    Subgroup
	Extensions  []string // sorted
	MemoryTypes []MemoryType
	Heaps       []Heap

	CooperativeMatrices []CooperativeMatrix
	DotAccelerated      bool // products of four signed 8-bit integers in a word take less than their parts would

	QueueFamily   uint32 // the family whose queue Open takes
	TimestampBits uint32 // valid bits of that queue's timestamps; 0: none
}

// Limits are the sizes that a program must keep to. Sizes are in bytes unless
// the name says otherwise.
type Limits struct {
	MaxComputeSharedMemory, MaxWorkgroupInvocations                                                 uint32
	MaxWorkgroupSize, MaxWorkgroupCount                                                             [3]uint32
	MaxStorageBufferRange, MaxUniformBufferRange                                                    uint64
	MaxTexelBufferElements                                                                          uint64 // texels
	MaxImageDimension2D                                                                             uint32 // texels a side
	MaxPushConstants                                                                                uint32
	MaxStorageBuffersPerStage, MaxSampledImagesPerStage, MaxBoundDescriptorSets                     uint32
	MinStorageBufferOffsetAlignment, MinTexelBufferOffsetAlignment, MinUniformBufferOffsetAlignment uint64
	NonCoherentAtomSize                                                                             uint64
	MaxMemoryAllocationSize, MaxBufferSize                                                          uint64
	MaxMemoryAllocations                                                                            uint32
	TimestampPeriod                                                                                 float32 // nanoseconds a tick
}

// Features are optional abilities: in Info those that a device has, in Open
// those to enable.
type Features struct {
	ShaderFloat16       bool // f16 arithmetic
	ShaderInt8          bool
	ShaderInt16         bool
	ShaderInt64         bool
	StorageBuffer16Bit  bool
	StorageBuffer8Bit   bool
	SubgroupSizeControl bool // PipelineInfo.SubgroupSize
	// ComputeFullSubgroups allows PipelineInfo.FullSubgroups.
	ComputeFullSubgroups bool
	// CooperativeMatrix is VK_KHR_cooperative_matrix.
	CooperativeMatrix  bool
	IntegerDotProduct  bool
	VulkanMemoryModel  bool
	RobustBufferAccess bool
}

// missing names the features of want that f lacks.
func (f Features) missing(want Features) []string {
	var names []string
	have, wanted := reflect.ValueOf(f), reflect.ValueOf(want)
	for i := range wanted.NumField() {
		if wanted.Field(i).Bool() && !have.Field(i).Bool() {
			names = append(names, wanted.Type().Field(i).Name)
		}
	}
	return names
}

// String lists what is on.
func (f Features) String() string { return strings.Join(Features{}.missing(f), " ") }

// Subgroup tells how invocations share work. MinSize and MaxSize equal Size
// where the size is fixed.
type Subgroup struct {
	Size, MinSize, MaxSize uint32
	// RequiredSize says that PipelineInfo.SubgroupSize may be set in a compute
	// stage, given Features.SubgroupSizeControl.
	RequiredSize                                                                        bool
	Compute, Basic, Vote, Arithmetic, Ballot, Shuffle, ShuffleRelative, Clustered, Quad bool
}

// MemoryType is one entry of the device's list of memory types.
type MemoryType struct {
	DeviceLocal, HostVisible, HostCoherent, HostCached bool
	Heap                                               uint32
}

// Heap is a pool of memory; Size is in bytes.
type Heap struct {
	Size        uint64
	DeviceLocal bool
}

// ComponentType is the number format of a cooperative matrix's elements.
type ComponentType uint32

// The component types, numbered as in VK_KHR_cooperative_matrix.
const (
	Float16 ComponentType = iota
	Float32
	Float64
	SInt8
	SInt16
	SInt32
	SInt64
	UInt8
	UInt16
	UInt32
	UInt64
)

// String names the type as shaders do: f16, s32.
func (t ComponentType) String() string {
	names := []string{"f16", "f32", "f64", "s8", "s16", "s32", "s64", "u8", "u16", "u32", "u64"}
	if int(t) < len(names) {
		return names[t]
	}
	return fmt.Sprintf("type %d", uint32(t))
}

// CooperativeMatrix is a supported shape: A [M,K] · B [K,N] + C → Result [M,N],
// spread over a subgroup when SubgroupScope is set.
type CooperativeMatrix struct {
	M, N, K         uint32
	A, B, C, Result ComponentType
	Saturating      bool
	SubgroupScope   bool
}
