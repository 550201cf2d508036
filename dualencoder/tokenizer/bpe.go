package tokenizer

import (
	"bytes"
	"container/heap"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// bpe joins neighbouring symbols in the order of the merges (Sennrich et al. 2016).
type bpe struct {
	*vocabulary
	merges         map[[2]int]merge
	unk            *string
	prefix, suffix string // before every character but a word's first; after its last
	fuseUnk        bool   // neighbouring unknown characters give one token
	byteFallback   bool   // an unknown character is spelled <0xNN>
	ignoreMerges   bool   // a word that is in the vocabulary stays whole
}

type merge struct{ rank, id int }

func newBPE(v *vocabulary, merges [][2]string, prefix, suffix string) (*bpe, error) {
	m := &bpe{vocabulary: v, merges: make(map[[2]int]merge, len(merges)), prefix: prefix, suffix: suffix}
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
		m.merges[[2]int{a, b}] = merge{rank, id}
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
	id, len    int
	prev, next int // -1 at the ends
}

type word []symbol

func (w *word) add(id, n int) {
	i := len(*w)
	if i > 0 {
		(*w)[i-1].next = i
	}
	*w = append(*w, symbol{id, n, i - 1, -1})
}

func (m *bpe) tokenize(s string) ([]token, error) {
	if m.ignoreMerges {
		if id, ok := m.ids[s]; ok {
			return []token{{id, s, 0, len(s)}}, nil
		}
	}
	w, err := m.symbols(s)
	if err != nil {
		return nil, err
	}
	m.mergeAll(w)
	out := []token{}
	lo := 0
	for _, x := range w {
		if x.len > 0 {
			out = append(out, token{x.id, m.tokens[x.id], lo, lo + x.len})
			lo += x.len
		}
	}
	return out, nil
}

// symbols spells a word in single characters.
func (m *bpe) symbols(s string) (word, error) {
	w := make(word, 0, len(s))
	unkID, unkLen := 0, 0
	for i := 0; i < len(s); {
		_, n := utf8.DecodeRuneInString(s[i:])
		c := s[i : i+n]
		if i > 0 && m.prefix != "" {
			c = m.prefix + c
		}
		i += n
		if i == len(s) && m.suffix != "" {
			c += m.suffix
		}
		if id, ok := m.ids[c]; ok {
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
func (m *bpe) spell(w *word, c string) bool {
	ids := make([]int, 0, len(c))
	for i := range len(c) {
		id, ok := m.ids[fmt.Sprintf("<0x%02X>", c[i])]
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
func (m *bpe) mergeAll(w word) {
	q := make(mergeQueue, 0, len(w))
	candidate := func(at int) (queued, bool) {
		next := w[at].next
		if next < 0 {
			return queued{}, false
		}
		x, ok := m.merges[[2]int{w[at].id, w[next].id}]
		return queued{x, at}, ok
	}
	for i := range w {
		if c, ok := candidate(i); ok {
			q = append(q, c)
		}
	}
	heap.Init(&q)
	for len(q) > 0 {
		top := heap.Pop(&q).(queued)
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
				heap.Push(&q, c)
			}
		}
		if c, ok := candidate(top.at); ok {
			heap.Push(&q, c)
		}
	}
}

type queued struct {
	merge
	at int
}

// mergeQueue is a heap by rank, then by place.
type mergeQueue []queued

func (q mergeQueue) Len() int      { return len(q) }
func (q mergeQueue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q mergeQueue) Less(i, j int) bool {
	return q[i].rank < q[j].rank || q[i].rank == q[j].rank && q[i].at < q[j].at
}
func (q *mergeQueue) Push(x any) { *q = append(*q, x.(queued)) }
func (q *mergeQueue) Pop() any {
	x := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return x
}
