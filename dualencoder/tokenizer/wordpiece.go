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
	start    *trie    // the entries, as places in entries
	rest     *trie    // those that start with the prefix that every piece but a word's first has, without it
	entries  []string // in no order
	maxChars int      // a longer word is unknown as a whole
}

func newWordPiece(v *vocabulary, unk, prefix string, maxChars int) *wordPiece {
	m := &wordPiece{vocabulary: v, unk: unk, maxChars: maxChars}
	start, rest := make(map[string]int, len(v.ids)), map[string]int{}
	for t := range v.ids {
		start[t] = len(m.entries)
		if strings.HasPrefix(t, prefix) {
			rest[t[len(prefix):]] = len(m.entries)
		}
		m.entries = append(m.entries, t)
	}
	m.start, m.rest = newTrie(start), newTrie(rest)
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

func (m *wordPiece) tokenize(_ *scratch, out []token, s []byte) ([]token, error) {
	before := len(out)
	unknown := func() ([]token, error) {
		t, err := m.unknown(m.unk, len(s))
		return append(out[:before], t), err
	}
	if len(s) > m.maxChars && utf8.RuneCount(s) > m.maxChars {
		return unknown()
	}
	entries := m.start
	for lo := 0; lo < len(s); {
		n, entry := entries.longest(s[lo:])
		if n == 0 {
			return unknown()
		}
		value := m.entries[entry]
		out = append(out, token{uint32(m.ids[value]), int32(lo), int32(lo + n), value})
		lo += n
		entries = m.rest
	}
	return out, nil
}
