package tokenizer

import (
	"fmt"
	"slices"
	"unicode/utf8"
)

// encoding is one text, or pair of texts, as tokens: parallel slices.
type encoding struct {
	ids, types, special, mask []int64
	tokens                    []string
	offsets                   []Span
}

// newEncoding has room for n tokens; the four lists of numbers share one block.
func newEncoding(n int) *encoding {
	block := make([]int64, 4*n)
	part := func(i int) []int64 { return block[i*n : i*n : (i+1)*n] }
	return &encoding{part(0), part(1), part(2), part(3), make([]string, 0, n), make([]Span, 0, n)}
}

func (e *encoding) clear() {
	e.ids, e.types, e.special, e.mask = e.ids[:0], e.types[:0], e.special[:0], e.mask[:0]
	e.tokens, e.offsets = e.tokens[:0], e.offsets[:0]
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
	out := newEncoding(n)
	if !left {
		out.merge(e)
	}
	for range missing {
		out.add(int(id), token, Span{}, 0, 1)
		out.mask[len(out.mask)-1] = 0
	}
	if left {
		out.merge(e)
	}
	*e = *out
}

// encode runs one text through everything up to the post-processor, into e.
func (t *Tokenizer) encode(mem *scratch, e *encoding, s string, typeID int64) error {
	e.clear()
	ps := t.added.extract(mem, decode(mem, s), t.normalizer)
	if t.preTokenizer != nil {
		t.preTokenizer.preTokenize(&ps)
	}
	for i := range ps.list {
		p := &ps.list[i]
		if p.added {
			e.add(p.id, string(p.runes), p.span(0, len(p.runes)), typeID, 0)
			continue
		}
		tokens, err := t.tokens(mem, p)
		if err != nil {
			return fmt.Errorf("tokenizer: encode: %w", err)
		}
		for _, k := range tokens {
			e.add(int(k.id), k.value, p.span(int(k.lo), int(k.hi)), typeID, 0)
		}
	}
	return nil
}

// tokens are those of a piece, from the cache if it has them; lo and hi are characters of the piece.
func (t *Tokenizer) tokens(mem *scratch, p *piece) ([]token, error) {
	if len(p.runes) > maxCached {
		return t.tokenize(mem, p)
	}
	slot := t.cache.slot(p.runes)
	if w := slot.Load(); w != nil && slices.Equal(w.runes, p.runes) {
		return w.tokens, nil
	}
	tokens, err := t.tokenize(mem, p)
	if err == nil {
		slot.Store(&cachedWord{slices.Clone(p.runes), slices.Clone(tokens)})
	}
	return tokens, err
}

func (t *Tokenizer) tokenize(mem *scratch, p *piece) ([]token, error) {
	s, index := mem.bytes[:0], mem.index[:0]
	var buf [utf8.UTFMax]byte
	for i, r := range p.runes {
		if p.bytes == nil {
			s = utf8.AppendRune(s, r)
		} else {
			for _, b := range buf[:utf8.EncodeRune(buf[:], r)] {
				s = utf8.AppendRune(s, p.bytes.char[b])
			}
		}
		for len(index) < len(s) {
			index = append(index, int32(i))
		}
	}
	mem.bytes, mem.index = s, index
	tokens, err := t.model.tokenize(mem, mem.tokens[:0], s)
	if err != nil {
		return nil, err
	}
	mem.tokens = tokens
	for i := range tokens {
		k := &tokens[i]
		if k.lo >= k.hi || int(k.hi) > len(s) { // it stands for nothing of the piece
			k.lo, k.hi = 0, 0
			continue
		}
		k.lo, k.hi = index[k.lo], index[k.hi-1]+1
	}
	return tokens, nil
}
