package tokenizer

import (
	"unicode"
	"unicode/utf8"
)

// runeRanges is a set of characters: first and last of each range, ascending.
type runeRanges []rune

func (t runeRanges) has(r rune) bool {
	lo, hi := 0, len(t)/2
	for lo < hi {
		if mid := (lo + hi) / 2; t[2*mid+1] < r {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return 2*lo < len(t) && t[2*lo] <= r
}

// isSpace holds for White_Space; the set has not changed since Unicode 6.3.
func isSpace(r rune) bool { return unicode.IsSpace(r) }

func isPunctuation(r rune) bool {
	if r < 0x80 {
		return r >= '!' && r <= '/' || r >= ':' && r <= '@' || r >= '[' && r <= '`' || r >= '{' && r <= '~'
	}
	return punctuationTable.has(r)
}

// isChinese follows BERT's own list of blocks, one of which starts later than Unicode's (U+2B920).
func isChinese(r rune) bool {
	return r >= 0x4E00 && r <= 0x9FFF || r >= 0x3400 && r <= 0x4DBF || r >= 0x20000 && r <= 0x2A6DF ||
		r >= 0x2A700 && r <= 0x2B81F || r >= 0x2B920 && r <= 0x2CEAF || r >= 0xF900 && r <= 0xFAFF ||
		r >= 0x2F800 && r <= 0x2FA1F
}

func isLetter(r rune) bool {
	if r < 0x80 {
		return r|0x20 >= 'a' && r|0x20 <= 'z'
	}
	return letterTable.has(r)
}

func isNumber(r rune) bool {
	if r < 0x80 {
		return r >= '0' && r <= '9'
	}
	return numberTable.has(r)
}

// lower is the full lower case of one character, without context. U+0130 alone has two characters.
func lower(r rune) (first, second rune) {
	if r == 'İ' {
		return 'i', '\u0307'
	}
	return unicode.ToLower(r), 0
}

// decode reads UTF-8; each maximal part of an ill-formed sequence becomes one U+FFFD (Unicode 15, section 3.9, D93b).
func decode[S string | []byte](mem *scratch, s S) []rune {
	out := mem.newRunes(len(s))
	for i := 0; i < len(s); {
		if s[i] < utf8.RuneSelf {
			out = append(out, rune(s[i]))
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(string(s[i:min(i+utf8.UTFMax, len(s))]))
		if r == utf8.RuneError && n == 1 {
			n = illFormed(s[i:])
		}
		out = append(out, r)
		i += n
	}
	return out
}

// illFormed is the length of the maximal ill-formed part that s starts with.
func illFormed[S string | []byte](s S) int {
	lo, hi, want := byte(0x80), byte(0xBF), 0
	switch c := s[0]; {
	case c >= 0xC2 && c <= 0xDF:
		want = 1
	case c >= 0xE0 && c <= 0xEF:
		want = 2
		if c == 0xE0 {
			lo = 0xA0
		}
		if c == 0xED {
			hi = 0x9F
		}
	case c >= 0xF0 && c <= 0xF4:
		want = 3
		if c == 0xF0 {
			lo = 0x90
		}
		if c == 0xF4 {
			hi = 0x8F
		}
	}
	n := 1
	for ; n <= want && n < len(s) && s[n] >= lo && s[n] <= hi; n++ {
		lo, hi = 0x80, 0xBF
	}
	return n
}
