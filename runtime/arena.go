package runtime

import (
	"fmt"

	"github.com/vkdual/vkdual/vk"
)

// Blocks of an arena grow from the first size to the last.
const (
	firstBlock = 1 << 20
	lastBlock  = 16 << 20
)

// An Arena holds tensors that live until it is closed, such as a model's
// weights. It belongs to one goroutine at a time.
type Arena struct {
	dev    *Device
	name   string
	shapes bool // its tensors have no memory
	blocks []*block
	top    uint64 // of the last block
	bytes  uint64
}

// NewArena makes an empty arena; its name appears in errors.
func (d *Device) NewArena(name string) *Arena { return &Arena{dev: d, name: name} }

// NewShapes makes an arena whose tensors have shapes but no memory: what is
// written to them goes nowhere. Programs that read them can be compiled
// (Recorder.Compile) and not run.
func (d *Device) NewShapes(name string) *Arena { return &Arena{dev: d, name: name, shapes: true} }

// Close frees every tensor of the arena.
func (a *Arena) Close() {
	if a == nil {
		return
	}
	for _, b := range a.blocks {
		a.dev.memory.free(b)
	}
	a.blocks, a.top, a.bytes = nil, 0, 0
}

// Bytes is the device memory that the arena holds.
func (a *Arena) Bytes() uint64 { return a.bytes }

// Device is the device that the arena's memory is on.
func (a *Arena) Device() *Device { return a.dev }

// Alloc reserves memory for a tensor; what it holds is undefined until written.
func (a *Arena) Alloc(name string, t DType, shape ...int) (Tensor, error) {
	x, err := newTensor(t, shape)
	if err != nil {
		return Tensor{}, fmt.Errorf("runtime: alloc %q: %q: %w", a.name, name, err)
	}
	if a.shapes {
		x.at = &place{name: name, size: x.Bytes()}
		return x, nil
	}
	size, align := x.Bytes(), a.dev.alignment()
	a.top = (a.top + align - 1) / align * align
	if n := len(a.blocks); n == 0 || a.top+size > a.blocks[n-1].size {
		next := uint64(firstBlock)
		if n > 0 {
			next = min(2*a.blocks[n-1].size, lastBlock)
		}
		b, err := a.dev.memory.tensors(a.name, max(next, size))
		if err != nil {
			return Tensor{}, fmt.Errorf("%w (for %q)", err, name)
		}
		a.blocks, a.top = append(a.blocks, b), 0
		a.bytes += b.size
	}
	x.at = &place{name: name, block: a.blocks[len(a.blocks)-1], offset: a.top, size: size}
	a.top += size
	return x, nil
}

// WriteRows fills t in order, in runs of whole rows: fill gets the number of
// the first row of a run and its bytes, which are a multiple of the row's
// size, t.Bytes()/rows. Where the host can map the device's memory, they are
// that memory: it must be written only, since reading it may be slow.
func (a *Arena) WriteRows(t Tensor, rows int, fill func(first int, dst []byte) error) error {
	if t.at == nil || rows < 1 || t.Bytes()%uint64(rows) != 0 {
		return fmt.Errorf("runtime: write %v as %d rows: not a tensor of the arena, or rows of unequal size", t, rows)
	}
	if a.shapes {
		return nil
	}
	p := t.at
	if m := p.block.mapped; m != nil && a.dev.memory.shared {
		return fill(0, m[p.offset:p.offset+p.size:p.offset+p.size])
	}
	s, err := a.dev.memory.stage()
	if err != nil {
		return err
	}
	row := p.size / uint64(rows)
	if row > stagingBytes {
		return fmt.Errorf("runtime: write %q: a row of %s is larger than the staging buffer", p.name, MiB(row))
	}
	step := int(stagingBytes / row)
	for at := 0; at < rows; at += step {
		n := uint64(min(step, rows-at)) * row
		err := s.write(p.block, p.offset+uint64(at)*row, n, func(dst []byte) error { return fill(at, dst) })
		if err != nil {
			return fmt.Errorf("runtime: write %q: %w", p.name, err)
		}
	}
	return nil
}

// Read copies t from the device.
func (a *Arena) Read(t Tensor) ([]byte, error) {
	if t.at == nil || t.at.block == nil {
		return nil, fmt.Errorf("runtime: read %v: not a tensor in an arena's memory", t)
	}
	p := t.at
	out := make([]byte, p.size)
	if m := p.block.mapped; m != nil && a.dev.memory.shared {
		copy(out, m[p.offset:])
		return out, nil
	}
	s, err := a.dev.memory.stage()
	if err != nil {
		return nil, err
	}
	for at := uint64(0); at < p.size; at += stagingBytes {
		n := min(stagingBytes, p.size-at)
		if err := s.read(p.block, p.offset+at, out[at:at+n]); err != nil {
			return nil, fmt.Errorf("runtime: read %q: %w", p.name, err)
		}
	}
	return out, nil
}

func (s *staging) read(src *block, offset uint64, dst []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var c vk.Stream
	c.Barrier(vk.StageCompute, vk.StageTransfer, vk.AccessShaderWrite, vk.AccessTransferRead)
	c.CopyBuffer(src.buffer, s.block.buffer, offset, 0, uint64(len(dst)))
	c.Barrier(vk.StageTransfer, vk.StageHost, vk.AccessTransferWrite, vk.AccessHostRead)
	if err := s.dev.vk.Record(s.cb, &c, true); err != nil {
		return err
	}
	if err := s.dev.submitAndWait([]vk.CommandBuffer{s.cb}, s.fence); err != nil {
		return err
	}
	copy(dst, s.block.mapped)
	return nil
}
