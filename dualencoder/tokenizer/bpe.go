package tokenizer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// bpe joins neighbouring symbols in the order of the merges (Sennrich et al. 2016).
type bpe struct {
	*vocabulary
	merges         map[uint64]merge // by pair
	names          []string         // by id; nil where ids are spread too thin
	unk            *string
	prefix, suffix string // before every character but a word's first; after its last
	fuseUnk        bool   // neighbouring unknown characters give one token
	byteFallback   bool   // an unknown character is spelled <0xNN>
	ignoreMerges   bool   // a word that is in the vocabulary stays whole
}

type merge struct {
	rank int32
	id   uint32
}

func mergeKey(a, b uint32) uint64 { return uint64(a)<<32 | uint64(b) }

func newBPE(v *vocabulary, merges [][2]string, prefix, suffix string) (*bpe, error) {
	m := &bpe{vocabulary: v, merges: make(map[uint64]merge, len(merges)), prefix: prefix, suffix: suffix}
	highest := 0
	for _, id := range v.ids {
		highest = max(highest, id)
	}
	if highest < 2*len(v.ids)+1<<10 {
		m.names = make([]string, highest+1)
		for id, name := range v.tokens {
			m.names[id] = name
		}
	}
	for rank, pair := range merges {
		a, okA := v.ids[pair[0]]
		b, okB := v.ids[pair[1]]
		if !okA || !okB || len(pair[1]) < len(prefix) {
			return nil, fmt.Errorf("merge %d: %q %q: not in the vocabulary", rank, pair[0], pair[1])
		}
		id, ok := v.ids[pair[0]+pair[1][len(prefix):]]
		if !ok {
			return nil, fmt.Errorf("merge %d: %q: not in the vocabulary", rank, pair[0]+pair[1][len(prefix):])
		}
		m.merges[mergeKey(uint32(a), uint32(b))] = merge{int32(rank), uint32(id)}
	}
	return m, nil
}

func parseBPE(c *modelJSON) (model, error) {
	v, err := c.vocabulary()
	if err != nil {
		return nil, err
	}
	if c.Dropout != nil && *c.Dropout != 0 {
		return nil, &UnsupportedError{Component: "model", Name: "BPE with dropout"}
	}
	merges, err := parseMerges(c.Merges)
	if err != nil {
		return nil, err
	}
	str := func(s *string) string {
		if s == nil {
			return ""
		}
		return *s
	}
	m, err := newBPE(v, merges, str(c.Prefix), str(c.Suffix))
	if err != nil {
		return nil, err
	}
	m.unk, m.fuseUnk, m.byteFallback, m.ignoreMerges = c.UnkToken, c.FuseUnk, c.ByteFallback, c.IgnoreMerges
	return m, nil
}

// parseMerges reads merges as "a b" (all versions) or as ["a", "b"] (since tokenizers 0.20).
func parseMerges(raw json.RawMessage) ([][2]string, error) {
	if len(raw) == 0 {
		return nil, errors.New("merges: missing")
	}
	var pairs [][]string
	if bytes.HasPrefix(bytes.TrimLeft(bytes.TrimSpace(raw), "[ \t\r\n"), []byte(`"`)) && json.Unmarshal(raw, &pairs) != nil {
		var lines []string
		if err := json.Unmarshal(raw, &lines); err != nil {
			return nil, fmt.Errorf("merges: %w", err)
		}
		return splitMerges(lines)
	}
	if err := json.Unmarshal(raw, &pairs); err != nil {
		return nil, fmt.Errorf("merges: %w", err)
	}
	out := make([][2]string, len(pairs))
	for i, p := range pairs {
		if len(p) != 2 {
			return nil, fmt.Errorf("merge %d: %d parts, want 2", i, len(p))
		}
		out[i] = [2]string{p[0], p[1]}
	}
	return out, nil
}

func splitMerges(lines []string) ([][2]string, error) {
	out := make([][2]string, 0, len(lines))
	for i, line := range lines {
		if strings.HasPrefix(line, "#version") {
			continue
		}
		a, b, ok := strings.Cut(line, " ")
		if !ok || strings.Contains(b, " ") {
			return nil, fmt.Errorf("merge %d: %q: want two parts with a space between", i, line)
		}
		out = append(out, [2]string{a, b})
	}
	return out, nil
}

// symbol is a link of the list that the merges shorten; len 0 marks one that was merged away.
type symbol struct {
	id         uint32
	len        int32
	prev, next int32 // -1 at the ends
}

type word []symbol

func (w *word) add(id, n int) {
	i := int32(len(*w))
	if i > 0 {
		(*w)[i-1].next = i
	}
	*w = append(*w, symbol{uint32(id), int32(n), i - 1, -1})
}

func (m *bpe) name(id uint32) string {
	if m.names != nil {
		return m.names[id]
	}
	return m.tokens[int(id)]
}

func (m *bpe) tokenize(mem *scratch, out []token, s []byte) ([]token, error) {
	if m.ignoreMerges {
		if id, ok := m.ids[string(s)]; ok {
			return append(out, token{uint32(id), 0, int32(len(s)), m.name(uint32(id))}), nil
		}
	}
	w, err := m.spellOut(mem.symbols[:0], s)
	if err != nil {
		return nil, err
	}
	mem.symbols = w
	m.mergeAll(mem, w)
	lo := int32(0)
	for _, x := range w {
		if x.len > 0 {
			out = append(out, token{x.id, lo, lo + x.len, m.name(x.id)})
			lo += x.len
		}
	}
	return out, nil
}

// spellOut spells a word in single characters.
func (m *bpe) spellOut(w word, s []byte) (word, error) {
	unkID, unkLen := 0, 0
	var joined []byte
	for i := 0; i < len(s); {
		_, n := utf8.DecodeRune(s[i:])
		c := s[i : i+n]
		if i > 0 && m.prefix != "" || i+n == len(s) && m.suffix != "" {
			joined = joined[:0]
			if i > 0 {
				joined = append(joined, m.prefix...)
			}
			joined = append(joined, c...)
			if i+n == len(s) {
				joined = append(joined, m.suffix...)
			}
			c = joined
		}
		i += n
		if id, ok := m.ids[string(c)]; ok {
			if unkLen > 0 {
				w.add(unkID, unkLen)
				unkLen = 0
			}
			w.add(id, n)
			continue
		}
		if m.byteFallback && m.spell(&w, c) || m.unk == nil {
			continue
		}
		id, ok := m.ids[*m.unk]
		if !ok {
			return nil, fmt.Errorf("%w %q", ErrNoUnknown, *m.unk)
		}
		if unkLen > 0 && !m.fuseUnk {
			w.add(unkID, unkLen)
			unkLen = 0
		}
		unkID, unkLen = id, unkLen+n
	}
	if unkLen > 0 {
		w.add(unkID, unkLen)
	}
	return w, nil
}

// spell adds the bytes of c as tokens of the form <0xNN>; false if the vocabulary lacks one of them.
func (m *bpe) spell(w *word, c []byte) bool {
	ids := make([]int, 0, len(c))
	for _, b := range c {
		id, ok := m.ids[fmt.Sprintf("<0x%02X>", b)]
		if !ok {
			return false
		}
		ids = append(ids, id)
	}
	for _, id := range ids {
		w.add(id, 1)
	}
	return true
}

// mergeAll takes the merge of least rank, leftmost first, until none is left: n log n in the word's length.
func (m *bpe) mergeAll(mem *scratch, w word) {
	candidate := func(at int32) (queued, bool) {
		next := w[at].next
		if next < 0 {
			return queued{}, false
		}
		x, ok := m.merges[mergeKey(w[at].id, w[next].id)]
		return queued{x, at}, ok
	}
	q := mem.queue[:0]
	for i := range w {
		if c, ok := candidate(int32(i)); ok {
			q.push(c)
		}
	}
	for len(q) > 0 {
		top := q.pop()
		if w[top.at].len == 0 {
			continue
		}
		// The entry may have been overtaken by another merge.
		if now, ok := candidate(top.at); !ok || now.id != top.id {
			continue
		}
		left, right := &w[top.at], &w[w[top.at].next]
		left.id = top.id
		left.len += right.len
		left.next = right.next
		right.len = 0
		if left.next >= 0 {
			w[left.next].prev = top.at
		}
		if left.prev >= 0 {
			if c, ok := candidate(left.prev); ok {
				q.push(c)
			}
		}
		if c, ok := candidate(top.at); ok {
			q.push(c)
		}
	}
	mem.queue = q
}

type queued struct {
	merge
	at int32
}

func (a queued) before(b queued) bool { return a.rank < b.rank || a.rank == b.rank && a.at < b.at }

// mergeQueue is a binary heap by rank, then by place.
type mergeQueue []queued

func (q *mergeQueue) push(x queued) {
	h := append(*q, x)
	i := len(h) - 1
	for up := (i - 1) / 2; i > 0 && x.before(h[up]); up = (i - 1) / 2 {
		h[i] = h[up]
		i = up
	}
	h[i] = x
	*q = h
}

func (q *mergeQueue) pop() queued {
	h := *q
	top, x := h[0], h[len(h)-1]
	h = h[:len(h)-1]
	for i := 0; len(h) > 0; {
		down := 2*i + 1
		if down+1 < len(h) && h[down+1].before(h[down]) {
			down++
		}
		if down >= len(h) || !h[down].before(x) {
			h[i] = x
			break
		}
		h[i] = h[down]
		i = down
	}
	*q = h
	return top
}
