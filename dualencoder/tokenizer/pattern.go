package tokenizer

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// pattern finds what a Split or Replace acts on; the matches, which it appends to a list, cover the whole text.
type pattern interface {
	find(out []match, runes []rune) []match
}

// literal hits every occurrence of a string, from the left, none overlapping another.
type literal []rune

func (p literal) find(out []match, runes []rune) []match {
	if len(p) == 0 {
		return append(out, match{0, len(runes), false})
	}
	last := 0
	for i := 0; i+len(p) <= len(runes); {
		if !startsWith(runes[i:], p) {
			i++
			continue
		}
		if last < i {
			out = append(out, match{last, i, false})
		}
		out = append(out, match{i, i + len(p), true})
		i += len(p)
		last = i
	}
	if last < len(runes) || len(out) == 0 {
		out = append(out, match{last, len(runes), false})
	}
	return out
}

func startsWith(runes, prefix []rune) bool {
	if len(runes) < len(prefix) {
		return false
	}
	for i, r := range prefix {
		if runes[i] != r {
			return false
		}
	}
	return true
}

// scanner is a pattern written by hand: it gives the end of the hit that starts at i, or i where there is none.
type scanner func(runes []rune, i int) int

func (scan scanner) find(out []match, runes []rune) []match {
	last := 0
	for i := 0; i < len(runes); {
		end := scan(runes, i)
		if end == i {
			i++
			continue
		}
		if last < i {
			out = append(out, match{last, i, false})
		}
		out = append(out, match{i, end, true})
		i, last = end, end
	}
	if last < len(runes) {
		out = append(out, match{last, len(runes), false})
	}
	return out
}

// The patterns that nearly every byte-level tokenizer has. GPT-2's has a look-ahead, which package regexp lacks.
const (
	gpt2Pattern = `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
	clipPattern = `'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+`
)

// contraction is the end of 's, 't, 're, 've, 'm, 'll or 'd at i, or i.
func contraction(runes []rune, i int) int {
	if i+1 >= len(runes) || runes[i] != '\'' {
		return i
	}
	switch runes[i+1] {
	case 's', 't', 'm', 'd':
		return i + 2
	}
	if i+2 < len(runes) {
		switch string(runes[i+1 : i+3]) {
		case "re", "ve", "ll":
			return i + 3
		}
	}
	return i
}

// run is the end of the characters from i on for which f holds.
func run(runes []rune, i int, f func(rune) bool) int {
	for i < len(runes) && f(runes[i]) {
		i++
	}
	return i
}

// runOf is the end of the characters from i on that are of one class.
func (t *runeTable) runOf(runes []rune, i int, class uint32) int {
	for i < len(runes) && t.get(runes[i]) == class {
		i++
	}
	return i
}

// scanGPT2 is gpt2Pattern.
func scanGPT2() scanner {
	classes := onigClasses()
	return func(runes []rune, i int) int {
		if end := contraction(runes, i); end > i {
			return end
		}
		body := i
		if runes[i] == ' ' && i+1 < len(runes) {
			body = i + 1
		}
		if class := classes.get(runes[body]); class != classSpace {
			return classes.runOf(runes, body, class)
		}
		end := classes.runOf(runes, i, classSpace)
		if end < len(runes) && end-i > 1 {
			end-- // \s+(?!\S) leaves the last white space to the word that follows
		}
		return end
	}
}

// scanCLIP is clipPattern.
func scanCLIP() scanner {
	classes := onigClasses()
	return func(runes []rune, i int) int {
		if end := contraction(runes, i); end > i {
			return end
		}
		switch class := classes.get(runes[i]); class {
		case classSpace:
			return i
		case classNumber:
			return i + 1
		default:
			return classes.runOf(runes, i, class)
		}
	}
}

// scanSpace is \s+ .
func scanSpace(runes []rune, i int) int { return run(runes, i, isSpace) }

// scanSpaces is " {2,}".
func scanSpaces(runes []rune, i int) int {
	if end := run(runes, i, func(r rune) bool { return r == ' ' }); end-i > 1 {
		return end
	}
	return i
}

// re is a pattern by package regexp, translated from Oniguruma's syntax.
type re struct {
	*regexp.Regexp
	spaces bool // the last group is \s+(?!\S)|\s+
}

func (p re) find(out []match, runes []rune) []match {
	if len(runes) == 0 {
		return append(out, match{0, 0, false})
	}
	s := string(runes)
	at, seen := 0, 0 // a byte position and the characters before it
	chars := func(to int) int {
		seen += utf8.RuneCountInString(s[at:to])
		at = to
		return seen
	}
	last := 0
	add := func(lo, hi int) {
		if last != lo {
			out = append(out, match{last, lo, false})
		}
		out = append(out, match{lo, hi, true})
		last = hi
	}
	if !p.spaces {
		for _, m := range p.FindAllStringIndex(s, -1) {
			lo := chars(m[0])
			add(lo, chars(m[1]))
		}
	} else {
		for from := 0; from < len(s); {
			m := p.FindStringSubmatchIndex(s[from:])
			if m == nil {
				break
			}
			lo, hi := from+m[0], from+m[1]
			if m[len(m)-1] >= 0 && hi < len(s) {
				if _, n := utf8.DecodeLastRuneInString(s[lo:hi]); n < hi-lo {
					hi -= n
				}
			}
			if hi == lo {
				_, n := utf8.DecodeRuneInString(s[lo:])
				from = lo + max(n, 1)
				continue
			}
			first := chars(lo)
			add(first, chars(hi))
			from = hi
		}
	}
	if last != len(runes) {
		out = append(out, match{last, len(runes), false})
	}
	return out
}

// parsePattern reads {"String": …} or {"Regex": …}.
func parsePattern(raw json.RawMessage) (pattern, error) {
	var p struct{ String, Regex *string }
	if err := json.Unmarshal(raw, &p); err != nil {
		return nil, fmt.Errorf("pattern: %w", err)
	}
	switch {
	case p.String != nil && *p.String == "": // hits between all characters, as an empty expression does
		return compile("")
	case p.String != nil:
		return literal([]rune(*p.String)), nil
	case p.Regex != nil:
		return compile(*p.Regex)
	}
	return nil, errors.New(`pattern: want {"String": …} or {"Regex": …}`)
}

func compile(pattern string) (pattern, error) {
	switch pattern {
	case gpt2Pattern:
		return scanGPT2(), nil
	case clipPattern:
		return scanCLIP(), nil
	case `\s+`:
		return scanner(scanSpace), nil
	case ` {2,}`:
		return scanner(scanSpaces), nil
	}
	source, spaces := pattern, false
	for _, tail := range []string{`|\s+(?!\S)|\s+`, `|\s+(?!\S)|\s`} {
		if strings.HasSuffix(pattern, tail) {
			source, spaces = strings.TrimSuffix(pattern, tail)+`|(\s+)`, true
			break
		}
	}
	translated, err := translate(source)
	if err != nil {
		return nil, err
	}
	compiled, err := regexp.Compile(translated)
	if err != nil {
		return nil, &UnsupportedError{Component: "regular expression", Name: pattern}
	}
	return re{compiled, spaces}, nil
}

// translate rewrites the part of Oniguruma's syntax that package regexp also has, with Oniguruma's own character
// classes. Look-around, possessive quantifiers, back references and the like are refused.
func translate(pattern string) (string, error) {
	refuse := func(what string) (string, error) {
		return "", &UnsupportedError{Component: "regular expression", Name: pattern + " (" + what + ")"}
	}
	var out strings.Builder
	out.WriteString("(?m)")
	class, quantified := false, false // inside [ ]; just after a quantifier
	for i := 0; i < len(pattern); {
		c := pattern[i]
		wasQuantified := quantified
		quantified = false
		switch {
		case c == '\\':
			s, n, err := escape(pattern[i:], class)
			if err != nil {
				return refuse(err.Error())
			}
			out.WriteString(s)
			i += n
			continue
		case class && c == '[':
			return refuse("nested class")
		case class && c == '&' && strings.HasPrefix(pattern[i:], "&&"):
			return refuse("class intersection")
		case class && c == ']':
			class = false
		case class:
		case c == '[':
			class = true
			out.WriteByte(c)
			i++
			if strings.HasPrefix(pattern[i:], "^") {
				out.WriteByte('^')
				i++
			}
			if strings.HasPrefix(pattern[i:], "]") {
				return refuse("class that starts with ]")
			}
			continue
		case c == '(' && strings.HasPrefix(pattern[i:], "(?"):
			if !strings.HasPrefix(pattern[i:], "(?:") && !strings.HasPrefix(pattern[i:], "(?i:") {
				return refuse("look-around or group options")
			}
			n := strings.IndexByte(pattern[i:], ':') + 1
			out.WriteString(pattern[i : i+n])
			i += n
			continue
		case c == '+' && wasQuantified:
			return refuse("possessive quantifier")
		case c == '*' || c == '+' || c == '?':
			quantified = !wasQuantified
		case c == '{':
			quantified = true
			end := strings.IndexByte(pattern[i:], '}')
			if end < 0 || strings.Trim(pattern[i+1:i+end], "0123456789,") != "" || pattern[i+1] == ',' {
				return refuse("braces")
			}
			out.WriteString(pattern[i : i+end+1])
			i += end + 1
			continue
		case c == '^' || c == '$':
			return refuse("anchor")
		}
		out.WriteByte(c)
		i++
	}
	return out.String(), nil
}

// escape translates the escape sequence at the start of s; n is its length.
func escape(s string, class bool) (out string, n int, err error) {
	if len(s) < 2 {
		return "", 0, errors.New(`\ at the end`)
	}
	set := func(ranges string, negated bool) string {
		if class {
			return ranges
		}
		if negated {
			return "[^" + ranges + "]"
		}
		return "[" + ranges + "]"
	}
	tables := map[byte]runeRanges{'L': letterTable, 'N': numberTable, 'M': onigMarkTable, 'P': onigPunctuationTable, 'S': onigSymbolTable}
	switch c := s[1]; c {
	case 'n', 't', 'r', 'f', 'v', 'a':
		return s[:2], 2, nil
	case 's', 'S', 'd', 'D', 'w', 'W':
		table := map[byte]runeRanges{'s': spaceRanges, 'd': digitTable, 'w': wordCharTable}[c|0x20]
		if c < 'a' && class {
			return table.complement().source(), 2, nil
		}
		source := table.source()
		if c|0x20 == 'w' && !class { // alone, Oniguruma takes it from a table of ISO 8859-1
			source += `\x{b2}\x{b3}\x{b9}\x{bc}-\x{be}`
		}
		return set(source, c < 'a'), 2, nil
	case 'p', 'P':
		name, n := "", 3
		switch {
		case len(s) > 2 && s[2] != '{':
			return "", 0, errors.New(`\p without braces`)
		case strings.IndexByte(s, '}') > 3:
			n = strings.IndexByte(s, '}') + 1
			name = s[3 : n-1]
		}
		negated := c == 'P'
		if strings.HasPrefix(name, "^") {
			name, negated = name[1:], !negated
		}
		if len(name) != 1 || tables[name[0]] == nil {
			return "", 0, fmt.Errorf(`\p{%s}`, name)
		}
		table := tables[name[0]]
		if negated && class {
			return table.complement().source(), n, nil
		}
		return set(table.source(), negated), n, nil
	default:
		if c < 0x80 && isPunctuation(rune(c)) || c == ' ' {
			return regexp.QuoteMeta(s[1:2]), 2, nil
		}
		return "", 0, fmt.Errorf(`\%c`, c)
	}
}

// spaceRanges is White_Space.
var spaceRanges = runeRanges{
	'\t', '\r', ' ', ' ', 0x85, 0x85, 0xA0, 0xA0, 0x1680, 0x1680, 0x2000, 0x200A, 0x2028, 0x2029, 0x202F, 0x202F,
	0x205F, 0x205F, 0x3000, 0x3000,
}

func (t runeRanges) complement() runeRanges {
	out := runeRanges{}
	next := rune(0)
	for i := 0; i < len(t); i += 2 {
		if t[i] > next {
			out = append(out, next, t[i]-1)
		}
		next = t[i+1] + 1
	}
	if next <= utf8.MaxRune {
		out = append(out, next, utf8.MaxRune)
	}
	return out
}

// source is the set as the inside of a regular expression's class.
func (t runeRanges) source() string {
	var b strings.Builder
	for i := 0; i < len(t); i += 2 {
		fmt.Fprintf(&b, `\x{%x}-\x{%x}`, t[i], t[i+1])
	}
	return b.String()
}
