package tokenizer

import (
	"encoding/binary"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// charsmap is sentencepiece's precompiled_charsmap: a double-array trie (darts-clone) from UTF-8 to places in a
// string of replacements that end with NUL. Layout: u32 size of the trie in bytes, the trie's u32 units, the string.
type charsmap struct {
	trie []uint32
	repl string
}

func newCharsmap(b []byte) (*charsmap, error) {
	if len(b) < 4 {
		return nil, errors.New("normalizer: Precompiled: charsmap of less than 4 bytes")
	}
	size := int64(binary.LittleEndian.Uint32(b)) / 4
	if size*4 > int64(len(b)-4) {
		return nil, fmt.Errorf("normalizer: Precompiled: trie of %d units in a charsmap of %d bytes", size, len(b))
	}
	m := &charsmap{trie: make([]uint32, size), repl: string(b[4+4*size:])}
	for i := range m.trie {
		m.trie[i] = binary.LittleEndian.Uint32(b[4+4*i:])
	}
	if len(m.trie) == 0 || !utf8.ValidString(m.repl) {
		return nil, errors.New("normalizer: Precompiled: malformed charsmap")
	}
	return m, nil
}

// lookup finds the replacement of the shortest entry that s starts with.
func (m *charsmap) lookup(s string) (string, bool) {
	offset := func(unit uint32) uint32 { return unit >> 10 << (unit & (1 << 9) >> 6) }
	node := offset(m.trie[0])
	for i := 0; i < len(s) && s[i] != 0; i++ {
		node ^= uint32(s[i])
		if uint64(node) >= uint64(len(m.trie)) {
			return "", false
		}
		unit := m.trie[node]
		if unit&(1<<31|0xFF) != uint32(s[i]) {
			return "", false
		}
		node ^= offset(unit)
		if unit>>8&1 == 1 {
			if uint64(node) >= uint64(len(m.trie)) {
				return "", false
			}
			return m.replacement(m.trie[node] & (1<<31 - 1))
		}
	}
	return "", false
}

func (m *charsmap) replacement(at uint32) (string, bool) {
	if uint64(at) >= uint64(len(m.repl)) {
		return "", uint64(at) == uint64(len(m.repl))
	}
	s := m.repl[at:]
	for i := range len(s) {
		if s[i] == 0 {
			s = s[:i]
			break
		}
	}
	return s, utf8.ValidString(s)
}

// normalize replaces grapheme clusters of less than six bytes, and else single characters.
func (m *charsmap) normalize(t *text) {
	rest := string(t.runes)
	edits := make([]edit, 0, len(t.runes))
	modified := false
	replace := func(old, repl string) {
		modified = true
		n := len(edits)
		for _, r := range repl {
			edits = append(edits, edit{r: r})
		}
		grown := len(edits) - n - utf8.RuneCountInString(old)
		for i := len(edits) - 1; i >= len(edits)-grown && i >= 0; i-- {
			edits[i].change = 1
		}
		if grown < 0 && len(edits) > 0 {
			edits[len(edits)-1].change += grown
		}
	}
	state := -1
	for rest != "" {
		var cluster string
		cluster, rest, _, state = uniseg.FirstGraphemeClusterInString(rest, state)
		if len(cluster) < 6 {
			if repl, ok := m.lookup(cluster); ok {
				replace(cluster, repl)
				continue
			}
		}
		for _, r := range cluster {
			if repl, ok := m.lookup(string(r)); ok {
				replace(string(r), repl)
			} else {
				edits = append(edits, edit{r: r})
			}
		}
	}
	if modified {
		t.transform(edits, 0)
	}
}
