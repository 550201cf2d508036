package tokenizer

import "sync/atomic"

// runeTable remembers a function of characters, page by page as they occur. It may be used by several goroutines: two
// of them may fill the same page, with the same values.
type runeTable struct {
	rule  func(rune) uint32
	pages [tablePages]atomic.Pointer[runePage]
}

type runePage [256]uint32

// tablePages cover the planes 0, 1 and 2; what lies beyond is asked of the rule every time.
const tablePages = 0x300

func newRuneTable(rule func(rune) uint32) *runeTable { return &runeTable{rule: rule} }

func (t *runeTable) get(r rune) uint32 {
	n := uint32(r) >> 8
	if n >= tablePages {
		return t.rule(r)
	}
	p := t.pages[n].Load()
	if p == nil {
		p = t.fill(n)
	}
	return p[r&0xFF]
}

func (t *runeTable) fill(n uint32) *runePage {
	p := new(runePage)
	for i := range p {
		p[i] = t.rule(rune(n<<8) + rune(i))
	}
	t.pages[n].Store(p)
	return p
}

// Character classes of the patterns, as values of a runeTable.
const (
	classOther uint32 = iota
	classSpace
	classLetter
	classNumber
	classPunctuation
)

// onigClasses are \s, \p{L} and \p{N} of Oniguruma.
func onigClasses() *runeTable {
	return newRuneTable(func(r rune) uint32 {
		switch {
		case isSpace(r):
			return classSpace
		case isLetter(r):
			return classLetter
		case isNumber(r):
			return classNumber
		}
		return classOther
	})
}
