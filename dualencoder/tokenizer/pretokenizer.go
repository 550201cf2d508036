package tokenizer

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// pieces is a text cut up: some pieces are already tokens (added ones), the others still text.
type pieces struct {
	list []piece
	mem  *scratch
}

type piece struct {
	text
	added bool // it is the added token id
	id    int
	bytes *byteAlphabet // not nil: each byte of the text's UTF-8 still has to be replaced by its character
}

// token is a vocabulary entry found in a piece; lo and hi are bytes of the piece's UTF-8 as the model sees it.
type token struct {
	id     uint32
	lo, hi int32
	value  string
}

// spell replaces bytes by their characters now, for whatever else is to be done with the piece.
func (p *piece) spell() {
	if p.bytes != nil {
		p.bytes.normalize(&p.text)
		p.bytes = nil
	}
}

// split changes every piece that is not a token, if change is not nil, and cuts it at the hits of a pattern, if that
// is not nil. Empty pieces are dropped.
func (p *pieces) split(change func(*text), find pattern, how behavior) {
	out := p.mem.spare[:0]
	for i := range p.list {
		old := &p.list[i]
		if old.added {
			out = append(out, *old)
			continue
		}
		old.spell()
		if change != nil {
			change(&old.text)
		}
		if find == nil {
			if len(old.runes) > 0 {
				out = append(out, *old)
			}
			continue
		}
		found := find.find(p.mem.takeMatches(), old.runes)
		for _, m := range arrange(found, how) {
			if m.lo < m.hi {
				out = append(out, piece{text: old.slice(m.lo, m.hi)})
			}
		}
		p.mem.keepMatches(found)
	}
	p.mem.list, p.mem.spare = out, p.list
	p.list = out
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
	pattern
	how behavior
}

func (s splitter) preTokenize(ps *pieces) { ps.split(nil, s.pattern, s.how) }

func splitAt(f func(rune) bool, how behavior) splitter { return splitter{matchRunes(f), how} }

// bertSplitter cuts at white space, which goes, and around each punctuation character.
func bertSplitter() splitter {
	classes := newRuneTable(func(r rune) uint32 {
		switch {
		case isSpace(r):
			return classSpace
		case isPunctuation(r):
			return classPunctuation
		}
		return classOther
	})
	return splitter{wordsAndMarks{classes}, removed}
}

// wordsAndMarks hits white space; each punctuation character is a piece of its own between the hits.
type wordsAndMarks struct{ *runeTable }

func (p wordsAndMarks) find(out []match, runes []rune) []match {
	last := 0
	for i, r := range runes {
		class := p.get(r)
		if class == classOther {
			continue
		}
		if last < i {
			out = append(out, match{last, i, false})
		}
		out = append(out, match{i, i + 1, class == classSpace})
		last = i + 1
	}
	if last < len(runes) {
		out = append(out, match{last, len(runes), false})
	}
	return out
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
	char := []rune{m.char}
	change := func(t *text) {
		t.replace(literal{' '}, char)
		if m.scheme != "never" && (len(t.runes) == 0 || t.runes[0] != m.char) {
			if m.scheme == "always" || first {
				t.prepend(char)
			}
		}
		first = false
	}
	if !m.split {
		ps.split(change, nil, isolated)
		return
	}
	ps.split(change, literal{m.char}, mergedWithNext)
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
		return bertSplitter(), nil
	case "ByteLevel":
		return parseByteLevel(raw)
	case "Metaspace":
		return parseMetaspace(raw)
	case "Whitespace":
		return splitter{inverted{scanner(scanWord)}, removed}, nil
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
			return splitter{inverted{p}, how}, nil
		}
		return splitter{p, how}, nil
	}
	return nil, &UnsupportedError{Component: "pre_tokenizer", Name: c.Type, Supported: preTokenizerNames}
}

func parseByteLevel(raw json.RawMessage) (byteLevel, error) {
	c := struct {
		AddPrefixSpace *bool `json:"add_prefix_space"`
		UseRegex       *bool `json:"use_regex"`
	}{}
	if err := json.Unmarshal(raw, &c); err != nil {
		return byteLevel{}, fmt.Errorf("ByteLevel: %w", err)
	}
	on := func(b *bool) bool { return b == nil || *b }
	return newByteLevel(on(c.AddPrefixSpace), on(c.UseRegex)), nil
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
