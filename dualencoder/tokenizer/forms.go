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
		return &form{}, nil
	case "NFKD":
		return &form{compat: true}, nil
	case "NFC":
		return &form{compose: compositions()}, nil
	case "NFKC":
		return &form{compat: true, compose: compositions()}, nil
	}
	return nil, fmt.Errorf("no normalisation form %q", name)
}

// compositions lists the pairs that canonically compose, Hangul left out.
func compositions() map[[2]rune]rune {
	out := make(map[[2]rune]rune, 1024)
	for r := rune(0xC0); r < 0x20000; r++ {
		if r >= hangulS && r < hangulS+countS || r >= 0xD800 && r < 0xE000 || since9(r) {
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

type classed struct {
	edit
	class uint8
}

func (f *form) normalize(t *text) {
	limit := rune(0xC0) // below it nothing changes, in any form
	if f.compose != nil && !f.compat {
		limit = 0x300
	}
	if f.compat {
		limit = 0xA0
	}
	if !slices.ContainsFunc(t.runes, func(r rune) bool { return r >= limit }) {
		return
	}
	edits := f.decompose(t.runes)
	if f.compose != nil {
		edits = f.recompose(edits)
	}
	out := make([]edit, len(edits))
	for i, e := range edits {
		out[i] = e.edit
	}
	t.transform(out, 0)
}

func (f *form) decompose(runes []rune) []classed {
	out := make([]classed, 0, len(runes)+len(runes)/4)
	pending := 0 // start of the marks not yet in canonical order
	sortPending := func() {
		slices.SortStableFunc(out[pending:], func(a, b classed) int { return int(a.class) - int(b.class) })
	}
	push := func(r rune, change int) {
		class := combiningClass(r)
		if class == 0 {
			sortPending()
			pending = len(out)
		}
		out = append(out, classed{edit{r, change}, class})
		if class == 0 {
			pending = len(out)
		}
	}
	table := norm.NFD
	if f.compat {
		table = norm.NFKD
	}
	var buf [utf8.UTFMax]byte
	for _, r := range runes {
		switch {
		case r < 0x80 || since9(r):
			push(r, 0)
		case r >= hangulS && r < hangulS+countS:
			s := r - hangulS
			push(hangulL+s/(countV*countT), 0)
			push(hangulV+s%(countV*countT)/countT, 1)
			if s%countT > 0 {
				push(hangulT+s%countT, 1)
			}
		default:
			full := table.Properties(buf[:utf8.EncodeRune(buf[:], r)]).Decomposition()
			if len(full) == 0 {
				push(r, 0)
			}
			for i := 0; i < len(full); {
				d, n := utf8.DecodeRune(full[i:])
				push(d, min(i, 1))
				i += n
			}
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
	out := make([]classed, 0, len(in))
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
