package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/vkdual/vkdual/ops"
	"github.com/vkdual/vkdual/runtime"
	"github.com/vkdual/vkdual/vk"
)

// deviceReport is what "devices" tells of a device. Sizes are in bytes.
type deviceReport struct {
	Index  int    `json:"index"`
	Name   string `json:"name"`
	Type   string `json:"type"`
	Picked bool   `json:"picked"`
	Why    string `json:"why"`

	Driver        string `json:"driver"`
	DriverInfo    string `json:"driver_info"`
	DriverVersion uint32 `json:"driver_version"`
	Vulkan        string `json:"vulkan"`
	VendorID      uint32 `json:"vendor_id"`
	DeviceID      uint32 `json:"device_id"`
	DeviceUUID    string `json:"device_uuid"`
	DriverUUID    string `json:"driver_uuid"`

	Heaps  []heapReport `json:"heaps"`
	Limits limitsReport `json:"limits"`

	Subgroup            subgroupReport `json:"subgroup"`
	Features            []string       `json:"features"`
	CooperativeMatrices []string       `json:"cooperative_matrices"`
	DotAccelerated      bool           `json:"dot_accelerated"`
	Extensions          []string       `json:"extensions"`
	Timestamps          bool           `json:"timestamps"`

	Kernels      []kernelReport `json:"kernels"`
	KernelsError string         `json:"kernels_error,omitempty"`
}

// kernelReport is the kernel that operations of a class get.
type kernelReport struct {
	For    string `json:"for"`
	Kernel string `json:"kernel"`
	Why    string `json:"why"`
}

// addKernels tells which kernels the device would use, without timing any.
func (r *deviceReport) addKernels(o runtime.Options) {
	r.Kernels = []kernelReport{}
	o.Device = strconv.Itoa(r.Index)
	d, err := runtime.Open(o)
	if err != nil {
		r.KernelsError = err.Error()
		return
	}
	defer d.Close()
	kernels := ops.Kernels(d)
	if err := kernels.Err(); err != nil {
		r.KernelsError = err.Error()
		return
	}
	for _, k := range kernels.Expected() {
		r.Kernels = append(r.Kernels, kernelReport{k.Class, k.Kernel, k.Why})
	}
}

type heapReport struct {
	Bytes       uint64 `json:"bytes"`
	DeviceLocal bool   `json:"device_local"`
}

// limitsReport holds the limits that decide what can run and how.
type limitsReport struct {
	WorkgroupInvocations    uint32    `json:"workgroup_invocations"`
	WorkgroupSize           [3]uint32 `json:"workgroup_size"`
	SharedMemoryBytes       uint32    `json:"shared_memory_bytes"`
	PushConstantsBytes      uint32    `json:"push_constants_bytes"`
	StorageBuffersPerStage  uint32    `json:"storage_buffers_per_stage"`
	StorageBufferRangeBytes uint64    `json:"storage_buffer_range_bytes"`
	TexelBufferElements     uint64    `json:"texel_buffer_elements"`
	Image2D                 uint32    `json:"image_2d"`
	AllocationBytes         uint64    `json:"allocation_bytes"`
	BufferBytes             uint64    `json:"buffer_bytes"`
	Allocations             uint32    `json:"allocations"`
}

type subgroupReport struct {
	Size       uint32   `json:"size"`
	MinSize    uint32   `json:"min_size"`
	MaxSize    uint32   `json:"max_size"`
	Operations []string `json:"operations"`
}

func (s subgroupReport) String() string {
	size := fmt.Sprint(s.Size)
	if s.MinSize != s.MaxSize {
		size += fmt.Sprintf(" (%d to %d)", s.MinSize, s.MaxSize)
	}
	return size + ": " + orNone(strings.Join(s.Operations, " "))
}

func report(x runtime.Candidate) deviceReport {
	i := x.Info
	r := deviceReport{
		Index: x.Index, Name: i.Name, Type: i.Type.String(), Picked: x.Picked, Why: x.Why,
		Driver: i.DriverName, DriverInfo: i.DriverInfo, DriverVersion: i.DriverVersion, Vulkan: i.APIVersion.String(),
		VendorID: i.VendorID, DeviceID: i.DeviceID, DeviceUUID: i.DeviceUUID.String(), DriverUUID: i.DriverUUID.String(),
		Limits: limitsReport{
			i.Limits.MaxWorkgroupInvocations, i.Limits.MaxWorkgroupSize, i.Limits.MaxComputeSharedMemory,
			i.Limits.MaxPushConstants, i.Limits.MaxStorageBuffersPerStage, i.Limits.MaxStorageBufferRange,
			i.Limits.MaxTexelBufferElements, i.Limits.MaxImageDimension2D, i.Limits.MaxMemoryAllocationSize,
			i.Limits.MaxBufferSize, i.Limits.MaxMemoryAllocations,
		},
		Subgroup:            subgroupReport{i.Subgroup.Size, i.Subgroup.MinSize, i.Subgroup.MaxSize, operations(i.Subgroup)},
		Features:            strings.Fields(i.Features.String()),
		CooperativeMatrices: []string{},
		DotAccelerated:      i.DotAccelerated,
		Extensions:          i.Extensions,
		Timestamps:          i.TimestampBits > 0,
	}
	for _, h := range i.Heaps {
		r.Heaps = append(r.Heaps, heapReport{h.Size, h.DeviceLocal})
	}
	for _, m := range i.CooperativeMatrices {
		r.CooperativeMatrices = append(r.CooperativeMatrices, fmt.Sprintf("%d×%d×%d %v·%v+%v", m.M, m.N, m.K, m.A, m.B, m.C))
	}
	return r
}

func operations(s vk.Subgroup) []string {
	names := []string{}
	for _, o := range []struct {
		has  bool
		name string
	}{
		{s.Basic, "basic"}, {s.Vote, "vote"}, {s.Arithmetic, "arithmetic"}, {s.Ballot, "ballot"},
		{s.Shuffle, "shuffle"}, {s.ShuffleRelative, "shuffle-relative"}, {s.Clustered, "clustered"},
		{s.RequiredSize, "size-control"},
	} {
		if o.has {
			names = append(names, o.name)
		}
	}
	return names
}

// driver names the driver as far as it tells.
func (r deviceReport) driver() string {
	switch {
	case r.Driver == "":
		return fmt.Sprintf("version %#x", r.DriverVersion)
	case r.DriverInfo == "":
		return r.Driver
	}
	return r.Driver + " (" + r.DriverInfo + ")"
}

func (r deviceReport) memory() string {
	heaps := make([]string, len(r.Heaps))
	for i, h := range r.Heaps {
		heaps[i] = runtime.MiB(h.Bytes)
		if h.DeviceLocal {
			heaps[i] += " on the device"
		}
	}
	return orNone(strings.Join(heaps, ", "))
}

func jsonIndented(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
