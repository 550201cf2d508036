package tokenizer

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// charsmap is sentencepiece's precompiled_charsmap: a double-array trie (darts-clone) from UTF-8 to places in a
// string of replacements that end with NUL. Layout: u32 size of the trie in bytes, the trie's u32 units, the string.
type charsmap struct {
	trie []uint32
	repl string

	classes *runeTable
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
	m.classes = newRuneTable(m.class)
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

// charsmap's classes of characters, as bits of a runeTable's values.
const (
	charAlone    = 1 << iota // between two such characters there is always a grapheme boundary
	charReplaced             // it has an entry
)

// aloneRanges have Grapheme_Cluster_Break Other, or are whole Hangul syllables: the letters and marks of which most
// texts consist. (Unicode 15, Standard Annex 29.)
var aloneRanges = runeRanges{
	0x20, 0x7E, 0xA0, 0xA8, 0xAA, 0xAC, 0xAF, 0x2FF, 0x370, 0x377, 0x384, 0x38A, 0x38E, 0x3A1, 0x3A3, 0x482,
	0x48A, 0x52F, 0x531, 0x556, 0x561, 0x586, 0x5D0, 0x5EA, 0x620, 0x64A, 0x671, 0x6D3, 0x904, 0x939, 0x985, 0x98C,
	0xE01, 0xE30, 0xE40, 0xE46, 0x10A0, 0x10C5, 0x10D0, 0x10FF, 0x1E00, 0x1F15, 0x2010, 0x2027, 0x2581, 0x2581,
	0x3000, 0x3029, 0x3041, 0x3096, 0x30A1, 0x30FF, 0x3400, 0x4DBF, 0x4E00, 0x9FFF, 0xAC00, 0xD7A3, 0xFF01, 0xFF9D,
}

func (m *charsmap) class(r rune) uint32 {
	class := uint32(0)
	if aloneRanges.has(r) {
		class |= charAlone
	}
	if _, ok := m.lookup(string(r)); ok {
		class |= charReplaced
	}
	return class
}

// normalize replaces grapheme clusters of less than six bytes, and else single characters.
func (m *charsmap) normalize(t *text) {
	const plain = charAlone
	if !slices.ContainsFunc(t.runes, func(r rune) bool { return m.classes.get(r) != plain }) {
		return
	}
	edits := t.mem.newEdits(len(t.runes) + len(t.runes)/2)
	modified := false
	replace := func(old int, repl string) {
		modified = true
		n := len(edits)
		for _, r := range repl {
			edits = append(edits, edit{r: r})
		}
		grown := len(edits) - n - old
		for i := len(edits) - 1; i >= len(edits)-grown && i >= 0; i-- {
			edits[i].change = 1
		}
		if grown < 0 && len(edits) > 0 {
			edits[len(edits)-1].change += grown
		}
	}
	single := func(r rune) {
		if m.classes.get(r)&charReplaced != 0 {
			repl, _ := m.lookup(string(r))
			replace(1, repl)
		} else {
			edits = append(edits, edit{r: r})
		}
	}
	for i := 0; i < len(t.runes); {
		// From here to stop every character is a cluster, but for the last one unless it ends the text.
		stop := i
		for stop < len(t.runes) && m.classes.get(t.runes[stop])&charAlone != 0 {
			stop++
		}
		if stop < len(t.runes) && stop > i {
			stop--
		}
		for ; i < stop; i++ {
			single(t.runes[i])
		}
		if i == len(t.runes) {
			break
		}
		// The clusters up to the next two characters that stand alone, of which the first ends the search.
		end := i + 1
		for end < len(t.runes) && (m.classes.get(t.runes[end-1])&charAlone == 0 || m.classes.get(t.runes[end])&charAlone == 0) {
			end++
		}
		rest, state := string(t.runes[i:end]), -1
		for rest != "" {
			var cluster string
			cluster, rest, _, state = uniseg.FirstGraphemeClusterInString(rest, state)
			n := utf8.RuneCountInString(cluster)
			repl, ok := "", false
			if len(cluster) < 6 {
				repl, ok = m.lookup(cluster)
			}
			if ok {
				replace(n, repl)
			} else {
				for _, r := range cluster {
					single(r)
				}
			}
		}
		i = end
	}
	if modified {
		t.transform(edits, 0)
	}
}
