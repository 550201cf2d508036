package tokenizer

import (
	"errors"
	"strings"
	"unicode/utf8"
)

// wordPiece takes, from the left, always the longest vocabulary entry (Schuster and Nakajima 2012, as in BERT).
type wordPiece struct {
	*vocabulary
	unk      string
	prefix   string         // before each piece but a word's first
	rest     map[string]int // the entries that have the prefix, without it
	longest  int            // bytes of the longest entry
	maxChars int            // a longer word is unknown as a whole
}

func newWordPiece(v *vocabulary, unk, prefix string, maxChars int) *wordPiece {
	m := &wordPiece{vocabulary: v, unk: unk, prefix: prefix, rest: v.ids, maxChars: maxChars}
	if prefix != "" {
		m.rest = map[string]int{}
	}
	for t, id := range v.ids {
		m.longest = max(m.longest, len(t))
		if prefix != "" && strings.HasPrefix(t, prefix) {
			m.rest[t[len(prefix):]] = id
		}
	}
	return m
}

func parseWordPiece(c *modelJSON) (model, error) {
	v, err := c.vocabulary()
	if err != nil {
		return nil, err
	}
	if c.UnkToken == nil || c.Prefix == nil || c.MaxInputChars == nil {
		return nil, errors.New("unk_token, continuing_subword_prefix and max_input_chars_per_word must be there")
	}
	if *c.MaxInputChars < 0 {
		return nil, errors.New("max_input_chars_per_word: negative")
	}
	return newWordPiece(v, *c.UnkToken, *c.Prefix, *c.MaxInputChars), nil
}

func (m *wordPiece) tokenize(s string) ([]token, error) {
	unknown := func() ([]token, error) {
		t, err := m.unknown(m.unk, len(s))
		return []token{t}, err
	}
	if len(s) > m.maxChars && utf8.RuneCountInString(s) > m.maxChars {
		return unknown()
	}
	out := []token{}
	for lo := 0; lo < len(s); {
		entries := m.ids
		if lo > 0 {
			entries = m.rest
		}
		hi := min(len(s), lo+m.longest)
		for hi < len(s) && !utf8.RuneStart(s[hi]) {
			hi--
		}
		for ; hi > lo; hi-- {
			if hi < len(s) && !utf8.RuneStart(s[hi]) {
				continue
			}
			id, ok := entries[s[lo:hi]]
			if !ok {
				continue
			}
			value := s[lo:hi]
			if lo > 0 {
				value = m.prefix + value
			}
			out = append(out, token{id, value, lo, hi})
			break
		}
		if hi <= lo {
			return unknown()
		}
		lo = hi
	}
	return out, nil
}
