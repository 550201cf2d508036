package runtime

import (
	"fmt"
	"sync"

	"github.com/vkdual/vkdual/vk"
)

// stagingBytes is the size of the buffer through which tensors reach memory
// that the host cannot map.
const stagingBytes = 16 << 20

// A block is one buffer with its memory, mapped for its whole life where the
// host can see it.
type block struct {
	buffer vk.Buffer
	memory vk.Memory
	size   uint64
	heap   uint32
	mapped []byte // nil where the host cannot see it
}

// memory hands out blocks and knows how full the heaps are.
type memory struct {
	dev    *Device
	device int // memory type for tensors
	host   int // memory type for staging, both ways
	shared bool

	mu      sync.Mutex
	used    map[uint32]uint64 // by heap
	staging *staging
}

// init picks the memory types. Where host and device share their memory
// (software drivers, integrated GPUs) tensors are mapped and nothing is staged.
func (m *memory) init(d *Device) {
	m.dev, m.used = d, map[uint32]uint64{}
	types := d.info.MemoryTypes
	find := func(score func(vk.MemoryType) int) int {
		best, at := -1, -1
		for i, t := range types {
			if s := score(t); s > best {
				best, at = s, i
			}
		}
		return at
	}
	m.shared = !d.switches.Staged && (d.info.Type == vk.CPU || d.info.Type == vk.IntegratedGPU)
	m.host = find(func(t vk.MemoryType) int {
		if !t.HostVisible || !t.HostCoherent {
			return -1
		}
		return 2*bit(t.HostCached) + bit(!t.DeviceLocal)
	})
	if m.shared {
		m.device = find(func(t vk.MemoryType) int {
			if !t.HostVisible || !t.HostCoherent || !t.DeviceLocal {
				return -1
			}
			return bit(t.HostCached)
		})
		m.shared = m.device >= 0
	}
	if !m.shared {
		m.device = find(func(t vk.MemoryType) int {
			if !t.DeviceLocal {
				return -1
			}
			return bit(!t.HostVisible)
		})
	}
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (m *memory) close() {
	if m.staging != nil {
		m.staging.close()
		m.staging = nil
	}
}

const (
	tensorUsage  = vk.UsageStorageBuffer | vk.UsageUniformTexelBuffer | vk.UsageTransferSrc | vk.UsageTransferDst
	stagingUsage = vk.UsageTransferSrc | vk.UsageTransferDst
)

// tensors allocates a block that shaders can reach.
func (m *memory) tensors(what string, size uint64) (*block, error) {
	return m.alloc(what, size, tensorUsage, m.device)
}

// hosts allocates a mapped block for copies to and from the device.
func (m *memory) hosts(what string, size uint64) (*block, error) {
	return m.alloc(what, size, stagingUsage, m.host)
}

func (m *memory) alloc(what string, size uint64, usage vk.BufferUsage, typ int) (_ *block, err error) {
	if typ < 0 {
		return nil, fmt.Errorf("runtime: alloc %q: the device has no fitting memory type", what)
	}
	t := m.dev.info.MemoryTypes[typ]
	heap := m.heapSize(t.Heap)
	left := func() uint64 {
		m.mu.Lock()
		defer m.mu.Unlock()
		n := heap - min(heap, m.used[t.Heap])
		if m.dev.info.Type == vk.CPU {
			// Rather an error than a process that the system ends, or a machine
			// on which nothing else runs.
			if a, rest := availableMemory(), hostMemory()/32; a > 0 {
				n = min(n, a-min(a, rest))
			}
		}
		return n
	}
	short := func(err error) error {
		return fmt.Errorf("runtime: alloc %q: need %s, %s left of the device's %s: %w", what, MiB(size), MiB(left()), MiB(heap), err)
	}
	if size > left() {
		return nil, short(vk.ErrorOutOfDeviceMemory)
	}
	v := m.dev.vk
	b := &block{size: size, heap: t.Heap}
	var req vk.MemoryRequirements
	if b.buffer, req, err = v.CreateBuffer(size, usage); err != nil {
		return nil, short(err)
	}
	if req.TypeBits&(1<<typ) == 0 {
		v.DestroyBuffer(b.buffer)
		return nil, fmt.Errorf("runtime: alloc %q: memory type %d does not fit a tensor buffer", what, typ)
	}
	if most := m.dev.info.Limits.MaxMemoryAllocationSize; most > 0 && req.Size > most {
		v.DestroyBuffer(b.buffer)
		return nil, fmt.Errorf("runtime: alloc %q: %s in one piece, the device allows %s: %w", what, MiB(req.Size), MiB(most), vk.ErrorOutOfDeviceMemory)
	}
	if b.memory, err = v.AllocateMemory(req.Size, uint32(typ)); err != nil {
		v.DestroyBuffer(b.buffer)
		return nil, short(err)
	}
	m.mu.Lock()
	m.used[b.heap] += b.size
	m.mu.Unlock()
	if err = v.BindBuffer(b.buffer, b.memory, 0); err == nil && t.HostVisible {
		b.mapped, err = v.Map(b.memory, size)
	}
	if err != nil {
		m.free(b)
		return nil, fmt.Errorf("runtime: alloc %q: %w", what, err)
	}
	return b, nil
}

// heapSize is how much a heap holds. Software drivers name a round figure and
// allocate from the machine's memory, so that counts for them.
func (m *memory) heapSize(i uint32) uint64 {
	size := m.dev.info.Heaps[i].Size
	if m.dev.info.Type == vk.CPU {
		size = max(size, hostMemory())
	}
	return size
}

func (m *memory) free(b *block) {
	if b == nil {
		return
	}
	v := m.dev.vk
	if b.mapped != nil {
		v.Unmap(b.memory)
	}
	v.DestroyBuffer(b.buffer)
	v.FreeMemory(b.memory)
	m.mu.Lock()
	m.used[b.heap] -= b.size
	m.mu.Unlock()
}

// UsedBytes is how much device and staging memory is allocated now.
func (d *Device) UsedBytes() uint64 {
	d.memory.mu.Lock()
	defer d.memory.mu.Unlock()
	var n uint64
	for _, u := range d.memory.used {
		n += u
	}
	return n
}

// alignment is what the offset of every tensor is a multiple of, so that it
// can be bound as a storage buffer and as a texel buffer.
func (d *Device) alignment() uint64 {
	l := &d.info.Limits
	return max(l.MinStorageBufferOffsetAlignment, l.MinTexelBufferOffsetAlignment, 64)
}

// MiB prints a number of bytes for people.
func MiB(n uint64) string {
	switch {
	case n < 1<<20:
		return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10))
	case n < 10<<20:
		return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
	}
	return fmt.Sprintf("%d MiB", n>>20)
}
