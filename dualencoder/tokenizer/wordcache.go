package tokenizer

import "sync/atomic"

// wordCache remembers what the model made of short pieces, which repeat a great deal. Each piece has one place, where
// the latest one stays: memory is bounded, and several goroutines can use it without a lock.
type wordCache struct {
	slots [cacheSlots]atomic.Pointer[cachedWord]
}

type cachedWord struct {
	runes  []rune
	tokens []token
}

const (
	cacheSlots = 1 << 14
	maxCached  = 40 // characters
)

// slot is the one place where a word may be.
func (c *wordCache) slot(runes []rune) *atomic.Pointer[cachedWord] {
	h := uint64(len(runes))
	for _, r := range runes {
		h = (h ^ uint64(r)) * 0x9E3779B97F4A7C15
		h ^= h >> 29
	}
	return &c.slots[h%cacheSlots]
}
