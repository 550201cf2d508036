package tokenizer

// Span is a half-open range of characters (Unicode code points, not bytes) of the input text.
type Span struct{ Start, End int }

// text is a piece of the input on its way through the normalisers: the characters as they now are, and for each the
// span of the input it came from.
type text struct {
	runes []rune
	align []Span // one for each rune, in characters of the whole input
	base  int    // where this piece starts in the input
	size  int    // how many characters of the input it covers
	mem   *scratch
}

// edit is one character of a rewritten text. change says how it relates to the old characters: 0 replaces the next
// one, 1 is inserted, -n replaces the next one and drops the n that follow.
type edit struct {
	r      rune
	change int
}

func newText(mem *scratch, runes []rune) text {
	align := mem.newSpans(len(runes))
	for i := range runes {
		align = append(align, Span{i, i + 1})
	}
	return text{runes: runes, align: align, size: len(runes), mem: mem}
}

// transform rewrites the whole text; dropped is the number of characters removed before the first edit.
func (t *text) transform(edits []edit, dropped int) {
	lo := 0
	if t.size > 0 {
		if len(t.runes) == 0 {
			return
		}
		// The range is found through the input, so leading characters that stand for nothing there are left alone.
		for lo < len(t.align) && t.align[lo].Start == t.align[lo].End {
			lo++
		}
	}
	t.rewrite(lo, len(t.runes), edits, dropped)
}

// rewrite replaces runes[lo:hi] by the edits. The old slices are left alone: others may share them.
func (t *text) rewrite(lo, hi int, edits []edit, dropped int) {
	runes := t.mem.newRunes(lo + len(edits) + len(t.runes) - hi)
	align := t.mem.newSpans(cap(runes))
	runes = append(runes, t.runes[:lo]...)
	align = append(align, t.align[:lo]...)
	at := min(lo+dropped, hi)
	for _, e := range edits {
		runes = append(runes, e.r)
		if e.change > 0 {
			align = append(align, t.before(at))
			continue
		}
		align = append(align, t.alignAt(at))
		at = min(at+1-e.change, hi)
	}
	t.runes = append(runes, t.runes[hi:]...)
	t.align = append(align, t.align[hi:]...)
}

// before is the span of an insertion at position at: that of the character before it.
func (t *text) before(at int) Span {
	if at < 1 || len(t.align) == 0 {
		return Span{t.base, t.base}
	}
	return t.align[at-1]
}

func (t *text) alignAt(at int) Span {
	if len(t.align) == 0 {
		return Span{t.base, t.base}
	}
	return t.align[min(at, len(t.align)-1)]
}

// filter drops the characters that keep refuses.
func (t *text) filter(keep func(rune) bool) {
	all := true
	for _, r := range t.runes {
		if !keep(r) {
			all = false
			break
		}
	}
	if all {
		return
	}
	edits := t.mem.newEdits(len(t.runes))
	first, removed := 0, 0
	for _, r := range t.runes {
		switch {
		case !keep(r):
			removed++
			continue
		case len(edits) > 0:
			edits[len(edits)-1].change = -removed
		default:
			first = removed
		}
		edits = append(edits, edit{r: r})
		removed = 0
	}
	if len(edits) > 0 {
		edits[len(edits)-1].change = -removed
	}
	t.transform(edits, first)
}

// mapRunes replaces each character by another one.
func (t *text) mapRunes(f func(rune) rune) {
	runes := t.mem.newRunes(len(t.runes))
	for _, r := range t.runes {
		runes = append(runes, f(r))
	}
	t.runes = runes
}

// prepend puts s before the text; an empty text stays empty.
func (t *text) prepend(s []rune) {
	if len(t.runes) == 0 || len(s) == 0 {
		return
	}
	edits := t.mem.newEdits(len(s) + 1)
	for i, r := range s {
		edits = append(edits, edit{r, min(i, 1)})
	}
	edits = append(edits, edit{t.runes[0], 1})
	t.rewrite(0, 1, edits, 0)
}

// replace puts content in the place of every hit of p.
func (t *text) replace(p pattern, content []rune) {
	found := p.find(t.mem.takeMatches(), t.runes)
	defer t.mem.keepMatches(found)
	hits := 0
	for _, m := range found {
		if m.hit {
			hits++
		}
	}
	if hits == 0 {
		return
	}
	runes := t.mem.newRunes(len(t.runes) + hits*len(content))
	align := t.mem.newSpans(cap(runes))
	for _, m := range found {
		if !m.hit {
			runes = append(runes, t.runes[m.lo:m.hi]...)
			align = append(align, t.align[m.lo:m.hi]...)
			continue
		}
		at := t.before(m.hi)
		for _, r := range content {
			runes = append(runes, r)
			align = append(align, at)
		}
	}
	t.runes, t.align = runes, align
}

// strip removes white space at the ends.
func (t *text) strip(left, right bool) {
	lo, hi := 0, len(t.runes)
	for left && lo < hi && isSpace(t.runes[lo]) {
		lo++
	}
	for right && hi > lo && isSpace(t.runes[hi-1]) {
		hi--
	}
	if lo == 0 && hi == len(t.runes) {
		return
	}
	edits := t.mem.newEdits(hi - lo)
	for _, r := range t.runes[lo:hi] {
		edits = append(edits, edit{r: r})
	}
	t.transform(edits, lo)
}

// slice is the part [lo,hi) of the text; it shares memory with t.
func (t *text) slice(lo, hi int) text {
	s := text{runes: t.runes[lo:hi:hi], align: t.align[lo:hi:hi], mem: t.mem}
	if lo == hi {
		s.base = t.base
		return s
	}
	s.base = t.align[lo].Start
	s.size = max(t.align[hi-1].End-s.base, 0)
	return s
}

// span is the part of the input that runes [lo,hi) came from.
func (t *text) span(lo, hi int) Span {
	if lo >= hi || hi > len(t.align) {
		return Span{t.base, t.base}
	}
	return Span{t.align[lo].Start, t.align[hi-1].End}
}
