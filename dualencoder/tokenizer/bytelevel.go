package tokenizer

import "unicode/utf8"

// byteAlphabet maps bytes to the printable characters that stand for them in byte-level vocabularies (GPT-2's
// bytes_to_unicode), and back.
type byteAlphabet struct {
	char [256]rune
	byte map[rune]byte
}

func newByteAlphabet() *byteAlphabet {
	a := &byteAlphabet{byte: make(map[rune]byte, 256)}
	next := rune(256)
	for b := range 256 {
		r := rune(b)
		if !(b >= '!' && b <= '~' || b >= 0xA1 && b <= 0xAC || b >= 0xAE) {
			r = next
			next++
		}
		a.char[b] = r
		a.byte[r] = byte(b)
	}
	return a
}

// byteSpace stands for the byte ' ' in byte-level tokens.
const byteSpace = 'Ġ'

func (a *byteAlphabet) normalize(t *text) {
	edits := t.mem.newEdits(4 * len(t.runes))
	var buf [utf8.UTFMax]byte
	for _, r := range t.runes {
		for i, b := range buf[:utf8.EncodeRune(buf[:], r)] {
			edits = append(edits, edit{a.char[b], min(i, 1)})
		}
	}
	t.transform(edits, 0)
}

type byteLevel struct {
	*byteAlphabet
	prefixSpace bool
	words       pattern // nil: the text is not cut
}

func newByteLevel(prefixSpace, useRegex bool) byteLevel {
	p := byteLevel{byteAlphabet: newByteAlphabet(), prefixSpace: prefixSpace}
	if useRegex {
		p.words = scanGPT2()
	}
	return p
}

func (p byteLevel) preTokenize(ps *pieces) {
	var change func(*text)
	if p.prefixSpace {
		change = func(t *text) {
			if len(t.runes) == 0 || t.runes[0] != ' ' {
				t.prepend([]rune{' '})
			}
		}
	}
	ps.split(change, p.words, isolated)
	for i := range ps.list {
		if !ps.list[i].added {
			ps.list[i].bytes = p.byteAlphabet
		}
	}
}

// trim takes the white space at a token's ends out of its offsets.
func trim(e *encoding, prefixSpace bool) {
	for i, s := range e.tokens {
		o := &e.offsets[i]
		leading, trailing := 0, 0
		for _, r := range s {
			if r != byteSpace && !isSpace(r) {
				break
			}
			leading++
		}
		for rest := s; rest != ""; trailing++ {
			r, n := utf8.DecodeLastRuneInString(rest)
			if r != byteSpace && !isSpace(r) {
				break
			}
			rest = rest[:len(rest)-n]
		}
		if leading > 0 {
			if (i == 0 || o.Start == 0) && prefixSpace && leading == 1 {
				leading = 0 // the space that was added itself covers nothing of the input
			}
			o.Start = min(o.Start+leading, o.End)
		}
		if trailing > 0 && o.End >= trailing {
			o.End = max(o.End-trailing, o.Start)
		}
	}
}
