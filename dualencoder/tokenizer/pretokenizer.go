package tokenizer

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// pieces is a text cut up: some pieces are already tokens (added ones), the others still text.
type pieces struct{ list []piece }

type piece struct {
	text
	tokens []token
}

// token is a vocabulary entry found in a piece; lo and hi are bytes of the piece's UTF-8.
type token struct {
	id     int
	value  string
	lo, hi int
}

// split replaces every piece that is not yet tokens by what f makes of it.
func (p *pieces) split(f func(text) []text) {
	out := make([]piece, 0, len(p.list))
	for _, old := range p.list {
		if old.tokens != nil {
			out = append(out, old)
			continue
		}
		for _, t := range f(old.text) {
			if len(t.runes) > 0 {
				out = append(out, piece{text: t})
			}
		}
	}
	p.list = out
}

// each normalises every piece that is not yet tokens.
func (p *pieces) each(f func(*text)) {
	for i := range p.list {
		if p.list[i].tokens == nil {
			f(&p.list[i].text)
		}
	}
}

type preTokenizer interface{ preTokenize(*pieces) }

type preTokenizers []preTokenizer

func (s preTokenizers) preTokenize(ps *pieces) {
	for _, p := range s {
		p.preTokenize(ps)
	}
}

// splitter is a pre-tokeniser that only cuts.
type splitter struct {
	find func([]rune) []match
	how  behavior
}

func (s splitter) preTokenize(ps *pieces) {
	ps.split(func(t text) []text { return t.split(s.find(t.runes), s.how) })
}

func splitAt(f func(rune) bool, how behavior) splitter {
	return splitter{func(runes []rune) []match { return matchRunes(runes, f) }, how}
}

// scanWord is \w+|[^\w\s]+ .
func scanWord(runes []rune, i int) int {
	if end := run(runes, i, wordTable.has); end > i {
		return end
	}
	return run(runes, i, func(r rune) bool { return !wordTable.has(r) && !isSpace(r) })
}

type metaspace struct {
	char   rune
	scheme string // "always", "first" or "never"
	split  bool
}

func (m metaspace) preTokenize(ps *pieces) {
	first := true
	ps.split(func(t text) []text {
		t.replace(literal{' '}.find(t.runes), []rune{m.char})
		if m.scheme != "never" && (len(t.runes) == 0 || t.runes[0] != m.char) {
			if m.scheme == "always" || first {
				t.prepend([]rune{m.char})
			}
		}
		first = false
		if !m.split {
			return []text{t}
		}
		return t.split(matchRunes(t.runes, func(r rune) bool { return r == m.char }), mergedWithNext)
	})
}

// maxDepth bounds how deep components may nest.
const maxDepth = 16

var preTokenizerNames = []string{"BertPreTokenizer", "ByteLevel", "CharDelimiterSplit", "Digits", "Metaspace", "Punctuation", "Sequence", "Split", "Whitespace", "WhitespaceSplit"}

func parsePreTokenizer(raw json.RawMessage, depth int) (preTokenizer, error) {
	var c struct {
		Type             string            `json:"type"`
		PreTokenizers    []json.RawMessage `json:"pretokenizers"`
		Pattern          json.RawMessage   `json:"pattern"`
		Behavior         string            `json:"behavior"`
		Invert           bool              `json:"invert"`
		IndividualDigits bool              `json:"individual_digits"`
		Delimiter        string            `json:"delimiter"`
	}
	if err := json.Unmarshal(raw, &c); err != nil {
		return nil, fmt.Errorf("pre_tokenizer: %w", err)
	}
	switch c.Type {
	case "Sequence":
		if depth >= maxDepth {
			return nil, errors.New("pre_tokenizer: nested too deep")
		}
		seq := preTokenizers{}
		for _, r := range c.PreTokenizers {
			p, err := parsePreTokenizer(r, depth+1)
			if err != nil {
				return nil, err
			}
			seq = append(seq, p)
		}
		return seq, nil
	case "BertPreTokenizer":
		return preTokenizers{splitAt(isSpace, removed), splitAt(isPunctuation, isolated)}, nil
	case "ByteLevel":
		return parseByteLevel(raw)
	case "Metaspace":
		return parseMetaspace(raw)
	case "Whitespace":
		return splitter{func(r []rune) []match { return invert(scanner(scanWord).find(r)) }, removed}, nil
	case "WhitespaceSplit":
		return splitAt(isSpace, removed), nil
	case "Punctuation":
		how := isolated
		if c.Behavior != "" {
			var err error
			if how, err = parseBehavior(c.Behavior); err != nil {
				return nil, fmt.Errorf("pre_tokenizer: Punctuation: %w", err)
			}
		}
		return splitAt(isPunctuation, how), nil
	case "Digits":
		if c.IndividualDigits {
			return splitAt(numericTable.has, isolated), nil
		}
		return splitAt(numericTable.has, contiguous), nil
	case "CharDelimiterSplit":
		r := []rune(c.Delimiter)
		if len(r) != 1 {
			return nil, fmt.Errorf("pre_tokenizer: CharDelimiterSplit: delimiter %q: want one character", c.Delimiter)
		}
		return splitAt(func(x rune) bool { return x == r[0] }, removed), nil
	case "Split":
		p, err := parsePattern(c.Pattern)
		if err != nil {
			return nil, fmt.Errorf("pre_tokenizer: Split: %w", err)
		}
		how, err := parseBehavior(c.Behavior)
		if err != nil {
			return nil, fmt.Errorf("pre_tokenizer: Split: %w", err)
		}
		if c.Invert {
			return splitter{func(r []rune) []match { return invert(p.find(r)) }, how}, nil
		}
		return splitter{p.find, how}, nil
	}
	return nil, &UnsupportedError{Component: "pre_tokenizer", Name: c.Type, Supported: preTokenizerNames}
}

func parseByteLevel(raw json.RawMessage) (byteLevel, error) {
	c := struct {
		AddPrefixSpace *bool `json:"add_prefix_space"`
		TrimOffsets    *bool `json:"trim_offsets"`
		UseRegex       *bool `json:"use_regex"`
	}{}
	if err := json.Unmarshal(raw, &c); err != nil {
		return byteLevel{}, fmt.Errorf("ByteLevel: %w", err)
	}
	on := func(b *bool) bool { return b == nil || *b }
	return byteLevel{newByteAlphabet(), on(c.AddPrefixSpace), on(c.TrimOffsets), on(c.UseRegex)}, nil
}

func parseMetaspace(raw json.RawMessage) (metaspace, error) {
	c := struct {
		Replacement    string  `json:"replacement"`
		AddPrefixSpace *bool   `json:"add_prefix_space"`
		PrependScheme  *string `json:"prepend_scheme"`
		Split          *bool   `json:"split"`
	}{}
	if err := json.Unmarshal(raw, &c); err != nil {
		return metaspace{}, fmt.Errorf("Metaspace: %w", err)
	}
	r := []rune(c.Replacement)
	if len(r) != 1 {
		return metaspace{}, fmt.Errorf("Metaspace: replacement %q: want one character", c.Replacement)
	}
	m := metaspace{char: r[0], scheme: "always", split: c.Split == nil || *c.Split}
	if c.PrependScheme != nil {
		m.scheme = strings.ToLower(*c.PrependScheme)
	}
	switch m.scheme {
	case "always", "first", "never":
	default:
		return metaspace{}, &UnsupportedError{Component: "Metaspace prepend_scheme", Name: m.scheme, Supported: []string{"always", "first", "never"}}
	}
	if c.AddPrefixSpace != nil && !*c.AddPrefixSpace {
		m.scheme = "never"
	}
	return m, nil
}
