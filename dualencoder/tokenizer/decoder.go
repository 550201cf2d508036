package tokenizer

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// decoder turns tokens back into parts of a text, which are then joined.
type decoder interface{ decode([]string) []string }

type decoders []decoder

func (s decoders) decode(tokens []string) []string {
	for _, d := range s {
		tokens = d.decode(tokens)
	}
	return tokens
}

type decodeFunc func([]string) []string

func (f decodeFunc) decode(tokens []string) []string { return f(tokens) }

// eachToken makes a decoder of a function of a token and its place.
func eachToken(f func(i int, token string) string) decoder {
	return decodeFunc(func(tokens []string) []string {
		out := make([]string, len(tokens))
		for i, t := range tokens {
			out[i] = f(i, t)
		}
		return out
	})
}

// decode of a byte-level vocabulary joins the bytes of all tokens, which may only together be UTF-8.
func (a *byteAlphabet) decode(tokens []string) []string {
	var out []byte
	for _, t := range tokens {
		n := len(out)
		for _, r := range t {
			b, ok := a.byte[r]
			if !ok {
				out = append(out[:n], t...)
				break
			}
			out = append(out, b)
		}
	}
	return []string{string(decode(nil, out))}
}

// cleanup removes the spaces before English punctuation and contractions.
func cleanup(s string) string { return cleanupReplacer(s, false) }

func cleanupReplacer(s string, doNot bool) string {
	for _, r := range [...][2]string{
		{" .", "."}, {" ?", "?"}, {" !", "!"}, {" ,", ","}, {" ' ", "'"}, {" n't", "n't"}, {" 'm", "'m"},
		{" do not", " don't"}, {" 's", "'s"}, {" 've", "'ve"}, {" 're", "'re"},
	} {
		if r[0] == " do not" && !doNot {
			continue
		}
		s = strings.ReplaceAll(s, r[0], r[1])
	}
	return s
}

func decodeWordPiece(prefix string, clean bool) decoder {
	return eachToken(func(i int, t string) string {
		if i > 0 {
			if strings.HasPrefix(t, prefix) {
				t = t[len(prefix):]
			} else {
				t = " " + t
			}
		}
		if clean {
			t = cleanupReplacer(t, true)
		}
		return t
	})
}

func (m metaspace) decode(tokens []string) []string {
	return eachToken(func(i int, t string) string {
		space := " "
		if i == 0 && m.scheme != "never" {
			space = ""
		}
		return strings.ReplaceAll(t, string(m.char), space)
	}).decode(tokens)
}

// decodeByteFallback joins tokens of the form <0xNN>; those that are not UTF-8 give one U+FFFD each.
func decodeByteFallback(tokens []string) []string {
	out := make([]string, 0, len(tokens))
	var run []byte
	flush := func() {
		if utf8.Valid(run) {
			out = append(out, string(run))
		} else {
			for range run {
				out = append(out, "\uFFFD")
			}
		}
		run = run[:0]
	}
	for _, t := range tokens {
		if len(t) == 6 && strings.HasPrefix(t, "<0x") && t[5] == '>' {
			if b, err := strconv.ParseUint(t[3:5], 16, 8); err == nil {
				run = append(run, byte(b))
				continue
			}
		}
		if len(run) > 0 {
			flush()
		}
		out = append(out, t)
	}
	if len(run) > 0 {
		flush()
	}
	return out
}

// decodeStrip removes up to start leading and stop trailing characters that equal c.
func decodeStrip(c rune, start, stop int) decoder {
	return eachToken(func(_ int, t string) string {
		runes := []rune(t)
		lo, hi := 0, len(runes)
		for lo < len(runes) && lo < start && runes[lo] == c {
			lo++
		}
		for hi > lo && len(runes)-hi < stop && runes[hi-1] == c {
			hi--
		}
		return string(runes[lo:hi])
	})
}

func decodeCTC(pad, delimiter string, clean bool) decoder {
	return decodeFunc(func(tokens []string) []string {
		var out []string
		for i, t := range tokens {
			if i > 0 && t == tokens[i-1] {
				continue
			}
			if pad != "" {
				t = strings.ReplaceAll(t, pad, "")
			}
			if clean {
				t = strings.ReplaceAll(cleanupReplacer(t, true), delimiter, " ")
			}
			if t != "" {
				out = append(out, t)
			}
		}
		return out
	})
}

var decoderNames = []string{"BPEDecoder", "ByteFallback", "ByteLevel", "CTC", "Fuse", "Metaspace", "Replace", "Sequence", "Strip", "WordPiece"}

func parseDecoder(raw json.RawMessage, depth int) (decoder, error) {
	var c struct {
		Type          string            `json:"type"`
		Decoders      []json.RawMessage `json:"decoders"`
		Prefix        *string           `json:"prefix"`
		Cleanup       *bool             `json:"cleanup"`
		Suffix        *string           `json:"suffix"`
		Pattern       json.RawMessage   `json:"pattern"`
		Content       string            `json:"content"`
		Start         int               `json:"start"`
		Stop          int               `json:"stop"`
		PadToken      string            `json:"pad_token"`
		WordDelimiter string            `json:"word_delimiter_token"`
	}
	if err := json.Unmarshal(raw, &c); err != nil {
		return nil, fmt.Errorf("decoder: %w", err)
	}
	str := func(s *string, otherwise string) string {
		if s == nil {
			return otherwise
		}
		return *s
	}
	switch c.Type {
	case "Sequence":
		if depth >= maxDepth {
			return nil, errors.New("decoder: nested too deep")
		}
		seq := decoders{}
		for _, r := range c.Decoders {
			d, err := parseDecoder(r, depth+1)
			if err != nil {
				return nil, err
			}
			seq = append(seq, d)
		}
		return seq, nil
	case "WordPiece":
		return decodeWordPiece(str(c.Prefix, "##"), c.Cleanup == nil || *c.Cleanup), nil
	case "ByteLevel":
		return newByteAlphabet(), nil
	case "Metaspace":
		return parseMetaspace(raw)
	case "BPEDecoder":
		suffix := str(c.Suffix, "</w>")
		return decodeFunc(func(tokens []string) []string {
			return eachToken(func(i int, t string) string {
				if i == len(tokens)-1 {
					return strings.ReplaceAll(t, suffix, "")
				}
				return strings.ReplaceAll(t, suffix, " ")
			}).decode(tokens)
		}), nil
	case "Fuse":
		return decodeFunc(func(tokens []string) []string { return []string{strings.Join(tokens, "")} }), nil
	case "ByteFallback":
		return decodeFunc(decodeByteFallback), nil
	case "Strip":
		r := []rune(c.Content)
		if len(r) != 1 {
			return nil, fmt.Errorf("decoder: Strip: content %q: want one character", c.Content)
		}
		return decodeStrip(r[0], c.Start, c.Stop), nil
	case "CTC":
		return decodeCTC(c.PadToken, c.WordDelimiter, c.Cleanup == nil || *c.Cleanup), nil
	case "Replace":
		p, err := parsePattern(c.Pattern)
		if err != nil {
			return nil, fmt.Errorf("decoder: Replace: %w", err)
		}
		return eachToken(func(_ int, t string) string {
			x := newText(nil, []rune(t))
			x.replace(p, []rune(c.Content))
			return string(x.runes)
		}), nil
	}
	return nil, &UnsupportedError{Component: "decoder", Name: c.Type, Supported: decoderNames}
}
