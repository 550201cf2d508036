package vk_test

import (
	_ "embed"
	"errors"
	"math"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"

	"github.com/vkdual/vkdual/vk"
	"github.com/vkdual/vkdual/vk/vktest"
)

//go:embed testdata/axpb.spv
var axpb []byte

// program is testdata/axpb.comp made ready to run: y = scale·x + texels
// + bias, over n elements.
type program struct {
	device         *vk.Device
	n              int
	x, y, staging  vk.Buffer
	xs, ys, pixels []float32 // mapped; pixels is what staging holds, seen as texels
	pipeline       vk.Pipeline
	layout         vk.PipelineLayout
	set            vk.DescriptorSet
	pool           vk.CommandPool
	cb             vk.CommandBuffer
	fence          vk.Fence
	queries        vk.QueryPool
	timestamps     bool
	free           []func()
}

const groupSize = 8

func must[T any](t testing.TB) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func hostType(t testing.TB, d *vk.Device, bits uint32) uint32 {
	for i, m := range d.Info().MemoryTypes {
		if bits>>i&1 != 0 && m.HostVisible && m.HostCoherent {
			return uint32(i)
		}
	}
	t.Fatal("no host-visible, coherent memory type")
	return 0
}

func (p *program) memory(t testing.TB, need vk.MemoryRequirements, typeIndex uint32) vk.Memory {
	m := must[vk.Memory](t)(p.device.AllocateMemory(need.Size, typeIndex))
	p.free = append(p.free, func() { p.device.FreeMemory(m) })
	return m
}

func (p *program) buffer(t testing.TB, floats int, usage vk.BufferUsage) (vk.Buffer, []float32) {
	d := p.device
	b, need, err := d.CreateBuffer(uint64(4*floats), usage)
	check(t, err)
	m := p.memory(t, need, hostType(t, d, need.TypeBits))
	check(t, d.BindBuffer(b, m, 0))
	bytes := must[[]byte](t)(d.Map(m, need.Size))
	p.free = append(p.free, func() { d.Unmap(m); d.DestroyBuffer(b) })
	return b, floats32(bytes)[:floats]
}

// newProgram builds every object once. Its close must come before the device's.
func newProgram(t testing.TB, d *vk.Device, n int, scale float32) *program {
	t.Helper()
	p := &program{device: d, n: n, timestamps: d.Info().TimestampBits > 0}
	p.x, p.xs = p.buffer(t, n, vk.UsageStorageBuffer)
	p.y, p.ys = p.buffer(t, n, vk.UsageStorageBuffer|vk.UsageTransferDst)
	p.staging, p.pixels = p.buffer(t, n, vk.UsageUniformTexelBuffer)
	for i := range n {
		p.xs[i], p.pixels[i] = float32(i), float32(i%7)/8
	}
	texels := must[vk.BufferView](t)(d.CreateBufferView(p.staging, vk.FormatR32F, 0, vk.WholeSize))

	types := []vk.DescriptorType{vk.StorageBuffer, vk.StorageBuffer, vk.UniformTexelBuffer}
	setLayout := must[vk.DescriptorSetLayout](t)(d.CreateDescriptorSetLayout(types))
	p.layout = must[vk.PipelineLayout](t)(d.CreatePipelineLayout(setLayout, 8))
	module := must[vk.ShaderModule](t)(d.CreateShaderModule(axpb))
	cache := must[vk.PipelineCache](t)(d.CreatePipelineCache(nil))
	p.pipeline = must[vk.Pipeline](t)(d.CreateComputePipeline(vk.PipelineInfo{
		Module: module, Layout: p.layout, Cache: cache,
		Spec: []vk.Spec{{ID: 0, Value: groupSize}, {ID: 1, Value: math.Float32bits(scale)}},
	}))
	d.DestroyShaderModule(module)
	data := must[[]byte](t)(d.PipelineCacheData(cache))
	d.DestroyPipelineCache(cache)
	d.DestroyPipelineCache(must[vk.PipelineCache](t)(d.CreatePipelineCache(data)))

	sets := must[vk.DescriptorPool](t)(d.CreateDescriptorPool(1, map[vk.DescriptorType]uint32{
		vk.StorageBuffer: 2, vk.UniformTexelBuffer: 1}))
	p.set = must[[]vk.DescriptorSet](t)(d.AllocateDescriptorSets(sets, []vk.DescriptorSetLayout{setLayout}))[0]
	check(t, d.UpdateDescriptorSets([]vk.DescriptorWrite{
		{Set: p.set, Binding: 0, Type: vk.StorageBuffer, Buffer: p.x, Range: vk.WholeSize},
		{Set: p.set, Binding: 1, Type: vk.StorageBuffer, Buffer: p.y, Range: uint64(4 * n)},
		{Set: p.set, Binding: 2, Type: vk.UniformTexelBuffer, View: texels},
	}))

	p.pool = must[vk.CommandPool](t)(d.CreateCommandPool())
	p.cb = must[[]vk.CommandBuffer](t)(d.AllocateCommandBuffers(p.pool, 1))[0]
	p.fence = must[vk.Fence](t)(d.CreateFence())
	p.queries = must[vk.QueryPool](t)(d.CreateQueryPool(2))
	p.free = append(p.free, func() {
		d.DestroyQueryPool(p.queries)
		d.DestroyFence(p.fence)
		d.FreeCommandBuffers(p.pool, []vk.CommandBuffer{p.cb})
		d.DestroyCommandPool(p.pool)
		d.DestroyDescriptorPool(sets)
		d.DestroyPipeline(p.pipeline)
		d.DestroyPipelineLayout(p.layout)
		d.DestroyDescriptorSetLayout(setLayout)
		d.DestroyBufferView(texels)
	})
	return p
}

func (p *program) close() {
	for i := range p.free {
		p.free[len(p.free)-1-i]()
	}
}

func (p *program) stream(bias float32) *vk.Stream {
	s := new(vk.Stream)
	if p.timestamps {
		s.ResetQueries(p.queries, 0, 2)
		s.Timestamp(p.queries, 0, vk.StageTop)
	}
	s.FillBuffer(p.y, 0, vk.WholeSize, math.Float32bits(float32(math.NaN())))
	s.Barrier(vk.StageTransfer, vk.StageCompute, vk.AccessTransferWrite, vk.AccessShaderRead|vk.AccessShaderWrite)
	s.BindPipeline(p.pipeline)
	s.BindSet(p.layout, p.set)
	s.PushWords(p.layout, []uint32{uint32(p.n), math.Float32bits(bias)})
	s.Dispatch(uint32(p.n+groupSize-1)/groupSize, 1, 1)
	s.Barrier(vk.StageCompute, vk.StageHost, vk.AccessShaderWrite, vk.AccessHostRead)
	if p.timestamps {
		s.Timestamp(p.queries, 1, vk.StageBottom)
	}
	return s
}

func (p *program) run(t testing.TB) {
	t.Helper()
	check(t, p.device.Submit([]vk.CommandBuffer{p.cb}, p.fence))
	if done, err := p.device.WaitFence(p.fence, -1); !done || err != nil {
		t.Fatal(done, err)
	}
	check(t, p.device.ResetFence(p.fence))
}

func (p *program) verify(t testing.TB, scale, bias float32) {
	t.Helper()
	for i, got := range p.ys {
		if want := scale*p.xs[i] + p.pixels[i] + bias; got != want {
			t.Fatalf("y[%d] = %v, want %v", i, got, want)
		}
	}
}

// Every argument of a call must outlive a garbage collection in its middle.
func TestDispatchUnderGC(t *testing.T) {
	vktest.Devices(t, func(t *testing.T, phys *vk.PhysicalDevice) {
		d := vktest.Open(t, phys, phys.Info().Features)
		var stop atomic.Bool
		exited := make(chan struct{})
		go func() {
			defer close(exited)
			for !stop.Load() {
				runtime.GC()
			}
		}()
		defer func() { stop.Store(true); <-exited }()
		for round := range 20 {
			scale, bias := float32(round+2), float32(round)/4
			p := newProgram(t, d, 1009, scale)
			for range 2 { // what is recorded runs twice
				check(t, d.Record(p.cb, p.stream(bias), false))
				p.run(t)
				p.run(t)
				p.verify(t, scale, bias)
			}
			if p.timestamps {
				at := make([]uint64, 2)
				check(t, d.QueryResults(p.queries, 0, at))
				if at[1] < at[0] || time.Duration(float32(at[1]-at[0])*d.Info().Limits.TimestampPeriod) > time.Minute {
					t.Fatalf("timestamps %d", at)
				}
			}
			p.close()
		}
		check(t, d.WaitIdle())
	})
}

func TestHotPathAllocatesNothing(t *testing.T) {
	vktest.Devices(t, func(t *testing.T, phys *vk.PhysicalDevice) {
		d := vktest.Open(t, phys, vk.Features{})
		p := newProgram(t, d, 64, 2)
		defer p.close()
		s, cbs := p.stream(1), []vk.CommandBuffer{p.cb}
		allocs := testing.AllocsPerRun(20, func() {
			err := errors.Join(d.Record(p.cb, s, false), d.Submit(cbs, p.fence))
			if done, e := d.WaitFence(p.fence, time.Minute); !done || e != nil || err != nil {
				t.Fatal(err, done, e)
			}
			if d.ResetFence(p.fence) != nil {
				t.Fatal("ResetFence")
			}
		})
		if allocs != 0 {
			t.Errorf("%v allocations a run, want none", allocs)
		}
		p.verify(t, 2, 1)
		if done, err := d.WaitFence(p.fence, time.Millisecond); done || err != nil {
			t.Errorf("waiting for a fence that nothing signals: %v, %v", done, err)
		}
	})
}

func TestErrorsAreTyped(t *testing.T) {
	// Without the layer, which would report the calls made wrongly here.
	for _, phys := range vktest.Physical(t, vktest.PlainInstance(t)) {
		t.Run(phys.Info().Name, func(t *testing.T) {
			d := vktest.Open(t, phys, vk.Features{})
			_, err := d.AllocateMemory(1<<50, 0)
			var e *vk.Error
			if !errors.Is(err, vk.ErrorOutOfDeviceMemory) && !errors.Is(err, vk.ErrorOutOfHostMemory) {
				t.Errorf("a pebibyte of memory: %v", err)
			} else if !errors.As(err, &e) || !strings.HasPrefix(err.Error(), "vk: vkAllocateMemory 1125899906842624 bytes: VK_ERROR_OUT_OF_") {
				t.Errorf("message %q", err)
			}
			if _, err := d.AllocateMemory(64, 99); err == nil {
				t.Error("memory type 99 exists")
			}
			for _, code := range [][]byte{nil, []byte("GIF89a"), axpb[:len(axpb)-1], append([]byte{1}, axpb[1:]...)} {
				if _, err := d.CreateShaderModule(code); err == nil {
					t.Errorf("%d bytes made a module", len(code))
				}
			}
			if _, err := d.CreatePipelineLayout(0, 1<<20); err == nil {
				t.Error("a mebibyte of push constants")
			}
			if !phys.Info().Features.CooperativeMatrix {
				_, err := phys.Open(vk.Features{CooperativeMatrix: true})
				if !errors.Is(err, vk.ErrorFeatureNotPresent) || !strings.Contains(err.Error(), "CooperativeMatrix") {
					t.Errorf("a feature that is not there: %v", err)
				}
			}
		})
	}
}

// The checks that the whole suite relies on must themselves be awake.
func TestValidationReports(t *testing.T) {
	if !vktest.Validate() {
		t.Skip("VKDUAL_VALIDATE is not 1")
	}
	i, messages := vktest.ValidatingInstance(t)
	for _, phys := range vktest.Physical(t, i) {
		t.Run(phys.Info().Name, func(t *testing.T) {
			d := vktest.Open(t, phys, vk.Features{})
			p := newProgram(t, d, 64, 1)
			defer p.close()
			check(t, d.Record(p.cb, p.stream(0), false))
			p.run(t)
			if m := messages(); len(m) != 0 {
				t.Fatalf("correct use reported: %v", m)
			}

			s := new(vk.Stream) // two writes, no barrier between
			s.FillBuffer(p.y, 0, vk.WholeSize, 1)
			s.FillBuffer(p.y, 0, vk.WholeSize, 2)
			check(t, d.Record(p.cb, s, false))
			if !reported(messages(), "SYNC-HAZARD-WRITE") {
				t.Error("a write after a write was not reported: synchronization validation is off")
			}
			b, _, err := d.CreateBuffer(0, vk.UsageStorageBuffer)
			if !reported(messages(), "VUID-VkBufferCreateInfo-size") {
				t.Error("an empty buffer was not reported: core validation is off")
			}
			if err == nil {
				d.DestroyBuffer(b)
			}
			messages()
		})
	}
}

func reported(messages []vk.Message, id string) bool {
	for _, m := range messages {
		if m.Severity == "error" && strings.Contains(m.ID, id) {
			return true
		}
	}
	return false
}

// What is probed must hang together.
func TestInfo(t *testing.T) {
	vktest.Devices(t, func(t *testing.T, phys *vk.PhysicalDevice) {
		i := phys.Info()
		l := i.Limits
		for what, ok := range map[string]bool{
			"version":       i.APIVersion >= 1<<22|1<<12,
			"name":          i.Name != "",
			"UUIDs":         i.DeviceUUID != i.DriverUUID,
			"memory":        len(i.MemoryTypes) > 0 && len(i.Heaps) > 0,
			"workgroup":     l.MaxWorkgroupInvocations >= 128 && l.MaxWorkgroupSize[0] >= 128 && l.MaxWorkgroupCount[2] >= 65535,
			"shared":        l.MaxComputeSharedMemory >= 16384,
			"push":          l.MaxPushConstants >= 128,
			"ranges":        l.MaxStorageBufferRange >= 1<<27 && l.MaxTexelBufferElements >= 65536 && l.MaxUniformBufferRange >= 16384,
			"allocation":    l.MaxMemoryAllocationSize >= 1<<30 && l.MaxBufferSize >= 1<<30,
			"subgroup":      i.Subgroup.Size >= 1 && i.Subgroup.MinSize <= i.Subgroup.Size && i.Subgroup.Size <= i.Subgroup.MaxSize && i.Subgroup.Basic,
			"timestamp":     l.TimestampPeriod > 0 && i.TimestampBits <= 64,
			"extension set": len(i.Extensions) > 0,
		} {
			if !ok {
				t.Errorf("%s: %+v", what, *i)
			}
		}
		for _, m := range i.MemoryTypes {
			if int(m.Heap) >= len(i.Heaps) {
				t.Errorf("memory type of heap %d, of %d", m.Heap, len(i.Heaps))
			}
		}
	})
}

func floats32(b []byte) []float32 {
	return unsafe.Slice((*float32)(unsafe.Pointer(&b[0])), len(b)/4)
}
