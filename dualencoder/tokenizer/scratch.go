package tokenizer

// slab hands out short-lived slices of one block; reset takes all of them back.
type slab[T any] struct {
	block []T
	used  int
}

// keptElements is how large a block may be that outlives the text it was made for.
const keptElements = 1 << 18

// take is an empty slice with room for exactly n; what it held before is not cleared.
func (s *slab[T]) take(n int) []T {
	if n > len(s.block)-s.used {
		s.block, s.used = make([]T, max(n, 2*len(s.block), 1<<10)), 0
	}
	out := s.block[s.used : s.used : s.used+n]
	s.used += n
	return out
}

func (s *slab[T]) reset() {
	s.used = 0
	if len(s.block) > keptElements {
		s.block = nil
	}
}

// scratch is the memory that encoding one text needs in passing; one goroutine uses it at a time. Where a method takes
// none (nil), slices are made anew.
type scratch struct {
	runes slab[rune]
	spans slab[Span]
	edits slab[edit]

	matches     []match
	list, spare []piece

	bytes   []byte  // a piece as UTF-8
	index   []int32 // the character of the piece that each of these bytes belongs to
	tokens  []token
	steps   []step
	symbols word
	queue   mergeQueue

	first, second, joined encoding
}

func (m *scratch) newRunes(n int) []rune {
	if m == nil {
		return make([]rune, 0, n)
	}
	return m.runes.take(n)
}

func (m *scratch) newSpans(n int) []Span {
	if m == nil {
		return make([]Span, 0, n)
	}
	return m.spans.take(n)
}

func (m *scratch) newEdits(n int) []edit {
	if m == nil {
		return make([]edit, 0, n)
	}
	return m.edits.take(n)
}

// takeMatches lends the list of matches, which keepMatches gives back with whatever it has grown to.
func (m *scratch) takeMatches() []match {
	if m == nil {
		return nil
	}
	return m.matches[:0]
}

func (m *scratch) keepMatches(list []match) {
	if m != nil {
		m.matches = list
	}
}

// reset forgets what belongs to the text just encoded, and gives back what an unusually long one took.
func (m *scratch) reset() {
	m.runes.reset()
	m.spans.reset()
	m.edits.reset()
	if cap(m.list)+cap(m.spare)+cap(m.matches)+cap(m.steps)+cap(m.queue)+cap(m.bytes)+cap(m.symbols)+cap(m.first.ids)+cap(m.joined.ids) > keptElements {
		*m = scratch{runes: m.runes, spans: m.spans, edits: m.edits}
	}
}
