package runtime

import "github.com/vkdual/vkdual/vk"

// A span is a range of a buffer that a dispatch touches.
type span struct {
	buffer vk.Buffer
	lo, hi uint64
	write  bool
}

// hazards remembers what has been touched since the last barrier.
type hazards []span

// need reports whether a barrier must stand before a dispatch that touches
// spans: it reads or writes what was written, or writes what was read. Ranges
// are compared, not tensors, since tensors share memory.
func (h *hazards) need(spans []span) bool {
	for _, s := range spans {
		for _, t := range *h {
			if (s.write || t.write) && s.buffer == t.buffer && s.lo < t.hi && t.lo < s.hi {
				return true
			}
		}
	}
	return false
}

func (h *hazards) touch(spans []span) { *h = append(*h, spans...) }

func (h *hazards) clear() { *h = (*h)[:0] }
