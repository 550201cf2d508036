package tokenizer

import (
	"fmt"
	"slices"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// form is one of the four normalisation forms (Unicode Standard Annex 15), by the tables of Unicode 9, which the
// reference uses: what was encoded later has no decomposition and no combining class.
type form struct {
	compat  bool
	compose map[[2]rune]rune // nil for the decomposed forms

	plain *runeTable // 1 for what this form leaves alone, whatever stands around it
	parts *runeTable // 1 for what does not decompose and has class 0
}

// hangul are the constants of Unicode 15, section 3.12.
const (
	hangulS, hangulL, hangulV, hangulT = 0xAC00, 0x1100, 0x1161, 0x11A7
	countL, countV, countT             = 19, 21, 28
	countS                             = countL * countV * countT
)

func newForm(name string) (*form, error) {
	switch name {
	case "NFD":
		return newDecomposition(false), nil
	case "NFKD":
		return newDecomposition(true), nil
	case "NFC", "NFKC":
		return newComposition(name == "NFKC"), nil
	}
	return nil, fmt.Errorf("no normalisation form %q", name)
}

func newDecomposition(compat bool) *form {
	f := &form{compat: compat}
	f.parts = newRuneTable(func(r rune) uint32 {
		if combiningClass(r) == 0 && len(f.full(nil, r)) == 0 {
			return 1
		}
		return 0
	})
	f.plain = f.parts
	return f
}

func newComposition(compat bool) *form {
	f := newDecomposition(compat)
	f.compose = compositions()
	second := map[rune]bool{}
	for pair := range f.compose {
		second[pair[1]] = true
	}
	f.plain = newRuneTable(func(r rune) uint32 {
		if combiningClass(r) != 0 || second[r] || r >= hangulV && r < hangulV+countV || r > hangulT && r < hangulT+countT {
			return 0
		}
		if again := f.recompose(f.decompose(nil, []rune{r})); len(again) == 1 && again[0].edit == (edit{r: r}) {
			return 1
		}
		return 0
	})
	return f
}

// full is the decomposition of r, appended to out; nothing if it has none.
func (f *form) full(out []rune, r rune) []rune {
	switch {
	case r < 0x80 || since9(r):
		return out
	case r >= hangulS && r < hangulS+countS:
		s := r - hangulS
		out = append(out, hangulL+s/(countV*countT), hangulV+s%(countV*countT)/countT)
		if s%countT > 0 {
			out = append(out, hangulT+s%countT)
		}
		return out
	}
	table := norm.NFD
	if f.compat {
		table = norm.NFKD
	}
	var buf [utf8.UTFMax]byte
	full := table.Properties(buf[:utf8.EncodeRune(buf[:], r)]).Decomposition()
	for i := 0; i < len(full); {
		d, n := utf8.DecodeRune(full[i:])
		out = append(out, d)
		i += n
	}
	return out
}

// compositions lists the pairs that canonically compose, Hangul left out.
func compositions() map[[2]rune]rune {
	out := make(map[[2]rune]rune, 1024)
	for r := rune(0xC0); r < 0x12000; r++ {
		if r == 0x3100 { // from here on nothing composes but Hangul and some scripts of India
			r = 0x11000
		}
		if since9(r) {
			continue
		}
		s := string(r)
		full := norm.NFD.PropertiesString(s).Decomposition()
		if len(full) == 0 || !norm.NFC.IsNormalString(s) {
			continue
		}
		last, n := utf8.DecodeLastRune(full)
		first := []rune(norm.NFC.String(string(full[:len(full)-n])))
		if len(first) == 1 {
			out[[2]rune{first[0], last}] = r
		}
	}
	return out
}

// laterDecompositions are the characters whose decomposition came after Unicode 9.
var laterDecompositions = runeRanges{
	0x32FF, 0x32FF, 0xA7F2, 0xA7F4, 0xAB69, 0xAB69, 0x10781, 0x10785, 0x10787, 0x107B0, 0x107B2, 0x107BA,
	0x11938, 0x11938, 0x1E030, 0x1E06D, 0x1F16C, 0x1F16C, 0x1FBF0, 0x1FBF9,
}

func since9(r rune) bool { return r >= 0x32FF && laterDecompositions.has(r) }

func combiningClass(r rune) uint8 {
	if r < 0x300 || !markTable.has(r) {
		return 0
	}
	var buf [utf8.UTFMax]byte
	return norm.NFD.Properties(buf[:utf8.EncodeRune(buf[:], r)]).CCC()
}

// longestDecomposition is that of U+FDFA.
const longestDecomposition = 18

type classed struct {
	edit
	class uint8
}

func (f *form) normalize(t *text) {
	if !slices.ContainsFunc(t.runes, func(r rune) bool { return f.plain.get(r) == 0 }) {
		return
	}
	classes := f.decompose(nil, t.runes)
	if f.compose != nil {
		classes = f.recompose(classes)
	}
	edits := t.mem.newEdits(len(classes))
	for _, e := range classes {
		edits = append(edits, e.edit)
	}
	t.transform(edits, 0)
}

// decompose appends the decomposition of a text, in canonical order.
func (f *form) decompose(out []classed, runes []rune) []classed {
	out = slices.Grow(out, len(runes)+len(runes)/4)
	pending := len(out) // start of the marks not yet in canonical order
	sortPending := func() {
		if len(out)-pending > 1 {
			slices.SortStableFunc(out[pending:], func(a, b classed) int { return int(a.class) - int(b.class) })
		}
	}
	push := func(r rune, change int) {
		class := combiningClass(r)
		if class == 0 {
			sortPending()
			pending = len(out) + 1
		}
		out = append(out, classed{edit{r, change}, class})
	}
	var buf [longestDecomposition]rune
	for _, r := range runes {
		if f.parts != nil && f.parts.get(r) == 1 {
			sortPending()
			pending = len(out) + 1
			out = append(out, classed{edit{r, 0}, 0})
			continue
		}
		full := f.full(buf[:0], r)
		if len(full) == 0 {
			push(r, 0)
		}
		for i, d := range full {
			push(d, min(i, 1))
		}
	}
	sortPending()
	return out
}

func (f *form) pair(a, b rune) (rune, bool) {
	switch {
	case a >= hangulL && a < hangulL+countL && b >= hangulV && b < hangulV+countV:
		return hangulS + ((a-hangulL)*countV+b-hangulV)*countT, true
	case a >= hangulS && a < hangulS+countS && b > hangulT && b < hangulT+countT && (a-hangulS)%countT == 0:
		return a + b - hangulT, true
	}
	r, ok := f.compose[[2]rune{a, b}]
	return r, ok
}

// recompose is the composition algorithm; a composed character's changes add up to those of its parts, less one.
func (f *form) recompose(in []classed) []classed {
	out := in[:0]           // what is put out is never longer than what was read
	starter, last := -1, -1 // the starter's place in out; the class of what follows it there, -1 for nothing
	for _, e := range in {
		if starter >= 0 && last < int(e.class) {
			if r, ok := f.pair(out[starter].r, e.r); ok {
				out[starter].r = r
				out[starter].change += e.change - 1
				continue
			}
		}
		if e.class == 0 {
			starter, last = len(out), -1
		} else if starter >= 0 {
			last = int(e.class)
		}
		out = append(out, e)
	}
	return out
}
