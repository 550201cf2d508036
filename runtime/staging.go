package runtime

import (
	"sync"

	"github.com/vkdual/vkdual/vk"
)

// staging copies host data to memory that the host cannot map, a chunk at a time.
type staging struct {
	mu    sync.Mutex
	dev   *Device
	block *block
	pool  vk.CommandPool
	cb    vk.CommandBuffer
	fence vk.Fence
}

// stage returns the device's staging buffer, made at the first call.
func (m *memory) stage() (*staging, error) {
	m.mu.Lock()
	s := m.staging
	m.mu.Unlock()
	if s != nil {
		return s, nil
	}
	s = &staging{dev: m.dev}
	var err error
	if s.block, err = m.hosts("staging", stagingBytes); err == nil {
		if s.pool, s.cb, s.fence, err = m.dev.commands(); err == nil {
			m.mu.Lock()
			defer m.mu.Unlock()
			if m.staging == nil {
				m.staging = s
				return s, nil
			}
		}
	}
	s.close() // an error, or another goroutine was first
	return m.staging, err
}

func (s *staging) close() {
	s.dev.freeCommands(s.pool, s.fence)
	s.dev.memory.free(s.block)
}

// write fills a range of dst through the staging buffer.
func (s *staging) write(dst *block, offset, size uint64, fill func([]byte) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := fill(s.block.mapped[:size]); err != nil {
		return err
	}
	var c vk.Stream
	c.CopyBuffer(s.block.buffer, dst.buffer, 0, offset, size)
	c.Barrier(vk.StageTransfer, vk.StageCompute, vk.AccessTransferWrite, vk.AccessShaderRead)
	if err := s.dev.vk.Record(s.cb, &c, true); err != nil {
		return err
	}
	return s.dev.submitAndWait([]vk.CommandBuffer{s.cb}, s.fence)
}

// commands makes a pool with one command buffer, and a fence.
func (d *Device) commands() (p vk.CommandPool, cb vk.CommandBuffer, f vk.Fence, err error) {
	if p, err = d.vk.CreateCommandPool(); err != nil {
		return
	}
	var cbs []vk.CommandBuffer
	if cbs, err = d.vk.AllocateCommandBuffers(p, 1); err != nil {
		return
	}
	f, err = d.vk.CreateFence()
	return p, cbs[0], f, err
}

func (d *Device) freeCommands(p vk.CommandPool, f vk.Fence) {
	if p != 0 {
		d.vk.DestroyCommandPool(p)
	}
	if f != 0 {
		d.vk.DestroyFence(f)
	}
}
