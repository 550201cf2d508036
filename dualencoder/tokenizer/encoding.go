package tokenizer

import (
	"fmt"
	"slices"
)

// encoding is one text, or pair of texts, as tokens: parallel slices.
type encoding struct {
	ids, types, special, mask []int64
	tokens                    []string
	offsets                   []Span
}

func (e *encoding) add(id int, token string, offset Span, typeID, special int64) {
	e.ids = append(e.ids, int64(id))
	e.types = append(e.types, typeID)
	e.special = append(e.special, special)
	e.mask = append(e.mask, 1)
	e.tokens = append(e.tokens, token)
	e.offsets = append(e.offsets, offset)
}

func (e *encoding) merge(o *encoding) {
	e.ids = append(e.ids, o.ids...)
	e.types = append(e.types, o.types...)
	e.special = append(e.special, o.special...)
	e.mask = append(e.mask, o.mask...)
	e.tokens = append(e.tokens, o.tokens...)
	e.offsets = append(e.offsets, o.offsets...)
}

func (e *encoding) setType(id int64) {
	for i := range e.types {
		e.types[i] = id
	}
}

// truncate keeps n tokens, the last ones if left is cut.
func (e *encoding) truncate(n int, left bool) {
	lo, hi := 0, min(n, len(e.ids))
	if left {
		lo, hi = len(e.ids)-hi, len(e.ids)
	}
	e.ids, e.types, e.special, e.mask = e.ids[lo:hi], e.types[lo:hi], e.special[lo:hi], e.mask[lo:hi]
	e.tokens, e.offsets = e.tokens[lo:hi], e.offsets[lo:hi]
}

// pad makes the encoding at least n long.
func (e *encoding) pad(n int, id int64, token string, left bool) {
	missing := n - len(e.ids)
	if missing <= 0 {
		return
	}
	fill := func(s []int64, v int64) []int64 { return padded(s, missing, v, left) }
	e.ids, e.types, e.special, e.mask = fill(e.ids, id), fill(e.types, 0), fill(e.special, 1), fill(e.mask, 0)
	e.tokens = padded(e.tokens, missing, token, left)
	e.offsets = padded(e.offsets, missing, Span{}, left)
}

func padded[T any](s []T, n int, v T, left bool) []T {
	fill := slices.Repeat([]T{v}, n)
	if left {
		return append(fill, s...)
	}
	return append(slices.Clone(s), fill...)
}

// encode runs one text through everything up to the post-processor.
func (t *Tokenizer) encode(s string, typeID int64) (*encoding, error) {
	ps := t.added.extract(decode(s), t.normalizer)
	if t.preTokenizer != nil {
		t.preTokenizer.preTokenize(&ps)
	}
	e := &encoding{}
	for i := range ps.list {
		p := &ps.list[i]
		runes := string(p.runes)
		if p.tokens == nil {
			var err error
			if p.tokens, err = t.model.tokenize(runes); err != nil {
				return nil, fmt.Errorf("tokenizer: encode: %w", err)
			}
		}
		var index []int32
		if len(runes) != len(p.runes) {
			index = runeIndex(runes)
		}
		for _, k := range p.tokens {
			lo, hi := k.lo, k.hi
			if index != nil && hi <= len(runes) && lo < hi {
				lo, hi = int(index[lo]), int(index[hi-1])+1
			}
			e.add(k.id, k.value, p.span(lo, hi), typeID, 0)
		}
	}
	return e, nil
}
