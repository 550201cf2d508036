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

func lowercase(t *text) {
	plain := true
	for _, r := range t.runes {
		if a, b := lower(r); a != r || b != 0 {
			plain = false
			break
		}
	}
	if plain {
		return
	}
	edits := make([]edit, 0, len(t.runes))
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
	nfd                *form
}

func (b *bertNormalizer) normalize(t *text) {
	if b.cleanText {
		t.filter(func(r rune) bool {
			return r == '\t' || r == '\n' || r == '\r' || r >= ' ' && r < 0x7F || !otherTable.has(r)
		})
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
	if b.accents == nil && b.lowercase || b.accents != nil && *b.accents {
		b.nfd.normalize(t)
		t.filter(func(r rune) bool { return r < 0x300 || !nonspacingTable.has(r) })
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
	edits := make([]edit, 0, len(t.runes)+2*found)
	for _, r := range t.runes {
		if isChinese(r) {
			edits = append(edits, edit{' ', 0}, edit{r, 1}, edit{' ', 1})
		} else {
			edits = append(edits, edit{r, 0})
		}
	}
	t.transform(edits, 0)
}

func stripAccents(t *text) {
	t.filter(func(r rune) bool { return r < 0x300 || !markTable.has(r) })
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
		return &bertNormalizer{on(c.CleanText), on(c.HandleChineseChars), c.StripAccents, on(c.Lowercase), &form{}}, nil
	case "NFC", "NFD", "NFKC", "NFKD":
		return newForm(c.Type)
	case "Lowercase":
		return normalizeFunc(lowercase), nil
	case "StripAccents":
		return normalizeFunc(stripAccents), nil
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
		return normalizeFunc(func(t *text) { t.replace(p.find(t.runes), content) }), nil
	case "Precompiled":
		b, err := base64.StdEncoding.DecodeString(c.Charsmap)
		if err != nil {
			return nil, fmt.Errorf("normalizer: Precompiled: %w", err)
		}
		return newCharsmap(b)
	}
	return nil, &UnsupportedError{Component: "normalizer", Name: c.Type, Supported: normalizerNames}
}
