package vk_test

import (
	"bytes"
	"testing"

	"github.com/vkdual/vkdual/vk"
	"github.com/vkdual/vkdual/vk/vktest"
)

// Odd ranges are widened to what the device flushes, and copies keep to theirs.
func TestCopyBetweenMappedRanges(t *testing.T) {
	vktest.Devices(t, func(t *testing.T, phys *vk.PhysicalDevice) {
		d := vktest.Open(t, phys, vk.Features{})
		const size, src, dst, n = 1024, 100, 612, 44
		b, need, err := d.CreateBuffer(size, vk.UsageTransferSrc|vk.UsageTransferDst)
		check(t, err)
		defer d.DestroyBuffer(b)
		m := must[vk.Memory](t)(d.AllocateMemory(need.Size, hostType(t, d, need.TypeBits)))
		defer d.FreeMemory(m)
		check(t, d.BindBuffer(b, m, 0))
		mapped := must[[]byte](t)(d.Map(m, size))
		defer d.Unmap(m)
		for i := range mapped {
			mapped[i] = byte(i % 251)
		}
		want := bytes.Clone(mapped)
		copy(want[dst:dst+n], want[src:src+n])
		check(t, d.Flush(m, 3, 5))
		check(t, d.Flush(m, 5, vk.WholeSize))

		pool := must[vk.CommandPool](t)(d.CreateCommandPool())
		defer d.DestroyCommandPool(pool)
		cbs := must[[]vk.CommandBuffer](t)(d.AllocateCommandBuffers(pool, 1))
		s := new(vk.Stream)
		s.CopyBuffer(b, b, src, dst, n)
		s.Barrier(vk.StageTransfer, vk.StageHost, vk.AccessTransferWrite, vk.AccessHostRead)
		check(t, d.Record(cbs[0], s, true))
		check(t, d.Submit(cbs, 0))
		check(t, d.WaitIdle())
		check(t, d.Invalidate(m, dst, n))
		if !bytes.Equal(mapped, want) {
			t.Errorf("after copying %d bytes from %d to %d:\n%v\nwant\n%v", n, src, dst, mapped, want)
		}
	})
}
