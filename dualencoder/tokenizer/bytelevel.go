package tokenizer

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
	edits := make([]edit, 0, len(t.runes)+len(t.runes)/2)
	for _, r := range t.runes {
		for i, b := range []byte(string(r)) {
			edits = append(edits, edit{a.char[b], min(i, 1)})
		}
	}
	t.transform(edits, 0)
}

type byteLevel struct {
	*byteAlphabet
	prefixSpace, trimOffsets, useRegex bool
}

func (p byteLevel) preTokenize(ps *pieces) {
	ps.split(func(t text) []text {
		if p.prefixSpace && (len(t.runes) == 0 || t.runes[0] != ' ') {
			t.prepend([]rune{' '})
		}
		if !p.useRegex {
			return []text{t}
		}
		return t.split(scanner(scanGPT2).find(t.runes), isolated)
	})
	ps.each(p.normalize)
}

// trim takes the white space at a token's ends out of its offsets.
func trim(e *encoding, prefixSpace bool) {
	for i := range e.tokens {
		runes := []rune(e.tokens[i])
		o := &e.offsets[i]
		leading := 0
		for leading < len(runes) && (runes[leading] == byteSpace || isSpace(runes[leading])) {
			leading++
		}
		trailing := 0
		for trailing < len(runes) && (runes[len(runes)-1-trailing] == byteSpace || isSpace(runes[len(runes)-1-trailing])) {
			trailing++
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
