package tokenizer

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
)

type normalizer interface{ normalize(*text) }

type normalizers []normalizer

func (s normalizers) normalize(t *text) {
	for _, n := range s {
		n.normalize(t)
	}
}

type normalizeFunc func(*text)

func (f normalizeFunc) normalize(t *text) { f(t) }

// mapping rewrites characters one by one: the table gives for each its replacement and what else is to be done with it.
type mapping struct {
	*runeTable
	// spell gives the characters of one that becomes several, of which the first takes its place.
	spell func(out []rune, r rune) []rune
	// slow does the same where it cannot be done character by character.
	slow func(*text)
}

// What a mapping does, beside the replacement, in the upper bits of the table's values.
const (
	mapDrop  = 1 << (21 + iota) // nothing remains of it
	mapSpell                    // it becomes several
	mapSlow                     // the text is one for slow
	mapRune  = 1<<21 - 1
)

func (m *mapping) normalize(t *text) {
	change, grown := uint32(0), 0
	for _, r := range t.runes {
		v := m.get(r)
		change |= v&^mapRune | v&mapRune ^ uint32(r)
		if v&mapSpell != 0 {
			grown += usuallySpelled - 1
		}
	}
	if change == 0 {
		return
	}
	// A change of length leaves a start that stands for nothing of the input alone: see text.transform.
	if change&mapSlow != 0 || t.size == 0 || t.align[0].Start == t.align[0].End {
		m.slow(t)
		return
	}
	if change&(mapDrop|mapSpell) == 0 {
		t.mapRunes(func(r rune) rune { return rune(m.get(r) & mapRune) })
		return
	}
	runes := t.mem.newRunes(len(t.runes) + grown)
	align := t.mem.newSpans(len(t.runes) + grown)
	for i, r := range t.runes {
		switch v := m.get(r); {
		case v&mapDrop != 0:
		case v&mapSpell != 0:
			n := len(runes)
			runes = m.spell(runes, r)
			for range runes[n:] {
				align = append(align, t.align[i])
			}
		default:
			runes = append(runes, rune(v&mapRune))
			align = append(align, t.align[i])
		}
	}
	t.runes, t.align = runes, align
}

// usuallySpelled is the length of most spellings: three for a Hangul syllable, or a Chinese character between spaces.
const usuallySpelled = 3

func newLowercase() *mapping {
	return &mapping{
		runeTable: newRuneTable(func(r rune) uint32 {
			a, b := lower(r)
			if b != 0 {
				return mapSpell
			}
			return uint32(a)
		}),
		spell: func(out []rune, r rune) []rune {
			a, b := lower(r)
			return append(out, a, b)
		},
		slow: lowercase,
	}
}

func lowercase(t *text) {
	edits := t.mem.newEdits(2 * len(t.runes))
	for _, r := range t.runes {
		a, b := lower(r)
		edits = append(edits, edit{a, 0})
		if b != 0 {
			edits = append(edits, edit{b, 1})
		}
	}
	t.transform(edits, 0)
}

// bertNormalizer is the clean-up of the BERT code: control characters, Chinese characters, accents, case.
type bertNormalizer struct {
	cleanText, chinese bool
	accents            *bool // nil: as lowercase
	lowercase          bool

	nfd *form
	mapping
}

// prepare is to be called once the switches are set.
func (b *bertNormalizer) prepare() {
	b.nfd = newDecomposition(false)
	b.mapping = mapping{newRuneTable(b.rule), b.spellRune, b.inSteps}
}

func (b *bertNormalizer) normalize(t *text) { b.mapping.normalize(t) }

func (b *bertNormalizer) strips() bool {
	return b.accents == nil && b.lowercase || b.accents != nil && *b.accents
}

func isOther(r rune) bool {
	return !(r == '\t' || r == '\n' || r == '\r' || r >= ' ' && r < 0x7F) && otherTable.has(r)
}

func isNonspacing(r rune) bool { return r >= 0x300 && nonspacingTable.has(r) }

// rule says what all steps together make of a character. Only the canonical order of marks that stay concerns more
// than one character at once.
func (b *bertNormalizer) rule(r rune) uint32 {
	if b.cleanText && isOther(r) {
		return mapDrop
	}
	out := b.spellRune(nil, r)
	if b.strips() {
		for _, e := range b.nfd.decompose(nil, []rune{r}) {
			if e.class != 0 && !isNonspacing(e.r) {
				return mapSlow
			}
		}
	}
	switch len(out) {
	case 0:
		return mapDrop
	case 1:
		return uint32(out[0])
	}
	return mapSpell
}

func (b *bertNormalizer) spellRune(out []rune, r rune) []rune {
	if b.cleanText && isSpace(r) {
		r = ' '
	}
	add := func(r rune) {
		if !b.lowercase {
			out = append(out, r)
			return
		}
		first, second := lower(r)
		out = append(out, first)
		if second != 0 {
			out = append(out, second)
		}
	}
	chinese := b.chinese && isChinese(r)
	if chinese {
		out = append(out, ' ')
	}
	if !b.strips() {
		add(r)
	} else {
		for _, e := range b.nfd.decompose(nil, []rune{r}) {
			if !isNonspacing(e.r) {
				add(e.r)
			}
		}
	}
	if chinese {
		out = append(out, ' ')
	}
	return out
}

// inSteps is the clean-up one step after the other.
func (b *bertNormalizer) inSteps(t *text) {
	if b.cleanText {
		t.filter(func(r rune) bool { return !isOther(r) })
		t.mapRunes(func(r rune) rune {
			if isSpace(r) {
				return ' '
			}
			return r
		})
	}
	if b.chinese {
		b.spaceChinese(t)
	}
	if b.strips() {
		b.nfd.normalize(t)
		t.filter(func(r rune) bool { return !isNonspacing(r) })
	}
	if b.lowercase {
		lowercase(t)
	}
}

func (b *bertNormalizer) spaceChinese(t *text) {
	found := 0
	for _, r := range t.runes {
		if isChinese(r) {
			found++
		}
	}
	if found == 0 {
		return
	}
	edits := t.mem.newEdits(len(t.runes) + 2*found)
	for _, r := range t.runes {
		if isChinese(r) {
			edits = append(edits, edit{' ', 0}, edit{r, 1}, edit{' ', 1})
		} else {
			edits = append(edits, edit{r, 0})
		}
	}
	t.transform(edits, 0)
}

func isMark(r rune) bool { return r >= 0x300 && markTable.has(r) }

func newStripAccents() *mapping {
	return &mapping{
		runeTable: newRuneTable(func(r rune) uint32 {
			if isMark(r) {
				return mapDrop
			}
			return uint32(r)
		}),
		slow: func(t *text) { t.filter(func(r rune) bool { return !isMark(r) }) },
	}
}

// nmt is the clean-up that sentencepiece calls nmt.
func nmt(t *text) {
	t.filter(func(r rune) bool {
		return !(r >= 1 && r <= 8 || r == 0x0B || r >= 0x0E && r <= 0x1F || r == 0x7F || r == 0x8F || r == 0x9F)
	})
	t.mapRunes(func(r rune) rune {
		switch {
		case r == '\t', r == '\n', r == 0x0C, r == '\r', r == 0x1680, r >= 0x200B && r <= 0x200F, r == 0x2028,
			r == 0x2029, r == 0x2581, r == 0xFEFF, r == 0xFFFD:
			return ' '
		}
		return r
	})
}

var normalizerNames = []string{"BertNormalizer", "ByteLevel", "Lowercase", "NFC", "NFD", "NFKC", "NFKD", "Nmt", "Precompiled", "Prepend", "Replace", "Sequence", "Strip", "StripAccents"}

func parseNormalizer(raw json.RawMessage, depth int) (normalizer, error) {
	var c struct {
		Type               string            `json:"type"`
		Normalizers        []json.RawMessage `json:"normalizers"`
		CleanText          *bool             `json:"clean_text"`
		HandleChineseChars *bool             `json:"handle_chinese_chars"`
		StripAccents       *bool             `json:"strip_accents"`
		Lowercase          *bool             `json:"lowercase"`
		StripLeft          bool              `json:"strip_left"`
		StripRight         bool              `json:"strip_right"`
		Prepend            string            `json:"prepend"`
		Pattern            json.RawMessage   `json:"pattern"`
		Content            string            `json:"content"`
		Charsmap           string            `json:"precompiled_charsmap"`
	}
	if err := json.Unmarshal(raw, &c); err != nil {
		return nil, fmt.Errorf("normalizer: %w", err)
	}
	switch c.Type {
	case "Sequence":
		if depth >= maxDepth {
			return nil, errors.New("normalizer: nested too deep")
		}
		seq := normalizers{}
		for _, r := range c.Normalizers {
			n, err := parseNormalizer(r, depth+1)
			if err != nil {
				return nil, err
			}
			seq = append(seq, n)
		}
		return seq, nil
	case "BertNormalizer":
		on := func(b *bool) bool { return b == nil || *b }
		b := &bertNormalizer{cleanText: on(c.CleanText), chinese: on(c.HandleChineseChars), accents: c.StripAccents, lowercase: on(c.Lowercase)}
		b.prepare()
		return b, nil
	case "NFC", "NFD", "NFKC", "NFKD":
		return newForm(c.Type)
	case "Lowercase":
		return newLowercase(), nil
	case "StripAccents":
		return newStripAccents(), nil
	case "Nmt":
		return normalizeFunc(nmt), nil
	case "ByteLevel":
		return newByteAlphabet(), nil
	case "Strip":
		return normalizeFunc(func(t *text) { t.strip(c.StripLeft, c.StripRight) }), nil
	case "Prepend":
		return normalizeFunc(func(t *text) { t.prepend([]rune(c.Prepend)) }), nil
	case "Replace":
		p, err := parsePattern(c.Pattern)
		if err != nil {
			return nil, fmt.Errorf("normalizer: Replace: %w", err)
		}
		content := []rune(c.Content)
		return normalizeFunc(func(t *text) { t.replace(p, content) }), nil
	case "Precompiled":
		b, err := base64.StdEncoding.DecodeString(c.Charsmap)
		if err != nil {
			return nil, fmt.Errorf("normalizer: Precompiled: %w", err)
		}
		return newCharsmap(b)
	}
	return nil, &UnsupportedError{Component: "normalizer", Name: c.Type, Supported: normalizerNames}
}
