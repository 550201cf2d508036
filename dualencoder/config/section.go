package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A section reads the keys of one JSON object. Errors are sticky: they are
// collected, and the reader returns the default.
type section struct {
	file, path string
	raw        map[string]json.RawMessage
	errs       *[]error
}

func (s section) key(name string) string {
	if s.path == "" {
		return name
	}
	return s.path + "." + name
}

func (s section) wrong(name, allowed string) {
	*s.errs = append(*s.errs, &ValueError{File: s.file, Path: s.key(name), Value: shorten(s.raw[name]), Allowed: allowed})
}

// refuse reports a value that the caller found to be wrong.
func (s section) refuse(name string, value any, allowed string) {
	*s.errs = append(*s.errs, &ValueError{File: s.file, Path: s.key(name), Value: fmt.Sprint(value), Allowed: allowed})
}

// shorten shows a JSON value in an error.
func shorten(v json.RawMessage) string {
	const most = 60
	t := strings.ToValidUTF8(string(restoreNonFinite(v)), "�")
	if r := []rune(t); len(r) > most {
		return string(r[:most]) + "…"
	}
	return t
}

func (s section) null(name string) bool { return string(s.raw[name]) == "null" }

// has reports whether the key is there, null or not.
func (s section) has(name string) bool { _, ok := s.raw[name]; return ok }

// integer reads a whole number of [least, most].
func (s section) integer(name string, def, least, most int) int {
	v, ok := s.raw[name]
	if !ok {
		return def
	}
	if n, err := strconv.Atoi(string(v)); err == nil && n >= least && n <= most {
		return n
	}
	s.wrong(name, fmt.Sprintf("a whole number from %d to %d", least, most))
	return def
}

// number reads a finite number of [least, most].
func (s section) number(name string, def, least, most float64) float64 {
	v, ok := s.raw[name]
	if !ok {
		return def
	}
	// A JSON number starts like one; ParseFloat alone would take "Inf" and hexadecimals.
	if c := v[0]; c == '-' || c >= '0' && c <= '9' {
		if x, err := strconv.ParseFloat(string(v), 64); err == nil && x >= least && x <= most {
			return x
		}
	}
	s.wrong(name, fmt.Sprintf("a number from %v to %v", least, most))
	return def
}

func (s section) boolean(name string, def bool) bool {
	switch v, ok := s.raw[name]; {
	case !ok:
		return def
	case string(v) == "true":
		return true
	case string(v) == "false":
		return false
	}
	s.wrong(name, "true or false")
	return def
}

// choice reads one of the strings allowed.
func (s section) choice(name, def string, allowed []string) string {
	v, ok := s.raw[name]
	if !ok {
		return def
	}
	if t, ok := unquote(v); ok && slices.Contains(allowed, t) {
		return t
	}
	s.wrong(name, "one of "+strings.Join(allowed, ", "))
	return def
}

// An extent is a default height and width, and how the key may be written.
type extent struct {
	height, width int
	forms         forms
}

type forms uint8

const (
	number forms = 1 << iota // of both sides
	pair                     // [height, width]
	either = number | pair
)

// size reads a length or a pair [height, width].
func (s section) size(name string, def extent, most int) (height, width int) {
	v, ok := s.raw[name]
	if !ok {
		return def.height, def.width
	}
	good := func(n int) bool { return n >= 1 && n <= most }
	form := number
	if v[0] == '[' {
		form = pair
	}
	if h, w, ok := sizeOrPair(v, good); ok && def.forms&form != 0 {
		return h, w
	}
	allowed := fmt.Sprintf("a whole number from 1 to %d", most)
	switch def.forms {
	case pair:
		allowed = fmt.Sprintf("a pair [height, width] of whole numbers from 1 to %d", most)
	case either:
		allowed += ", or a pair [height, width] of such"
	}
	s.wrong(name, allowed)
	return def.height, def.width
}

// sizeOrPair reads a good number, or a pair of such.
func sizeOrPair(v json.RawMessage, good func(int) bool) (height, width int, ok bool) {
	if n, err := strconv.Atoi(string(v)); err == nil {
		return n, n, good(n)
	}
	var p []json.RawMessage
	if json.Unmarshal(v, &p) != nil || len(p) != 2 {
		return 0, 0, false
	}
	h, herr := strconv.Atoi(string(p[0]))
	w, werr := strconv.Atoi(string(p[1]))
	return h, w, herr == nil && werr == nil && good(h) && good(w)
}

// integers reads a list of 1 to longest whole numbers of [1, most].
func (s section) integers(name string, def []int, longest, most int) []int {
	if !s.has(name) {
		return def
	}
	var list []json.RawMessage
	good := json.Unmarshal(s.raw[name], &list) == nil && len(list) >= 1 && len(list) <= longest
	numbers := make([]int, len(list))
	for i := 0; good && i < len(list); i++ {
		n, err := strconv.Atoi(string(list[i]))
		numbers[i], good = n, err == nil && n >= 1 && n <= most
	}
	if !good {
		s.wrong(name, fmt.Sprintf("a list of 1 to %d whole numbers from 1 to %d", longest, most))
		return def
	}
	return numbers
}

// object opens the object under name; ok is false where it is absent or null.
func (s section) object(name string) (_ section, ok bool) {
	sub := section{file: s.file, path: s.key(name), errs: s.errs}
	if !s.has(name) || s.null(name) {
		return sub, false
	}
	if err := json.Unmarshal(s.raw[name], &sub.raw); err != nil || sub.raw == nil {
		s.wrong(name, "an object")
		return sub, false
	}
	return sub, true
}

func unquote(v json.RawMessage) (string, bool) {
	if len(v) == 0 || v[0] != '"' {
		return "", false
	}
	var t string
	err := json.Unmarshal(v, &t)
	return t, err == nil
}

// parseObject reads a JSON object as Python's json module would, which also
// takes NaN, Infinity and -Infinity.
func parseObject(data []byte) (map[string]json.RawMessage, error) {
	data = markNonFinite(data)
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			line, column := position(data, syntax.Offset)
			return nil, fmt.Errorf("line %d, column %d: %w", line, column, err)
		}
		return nil, errors.New("want a JSON object")
	}
	if raw == nil {
		return nil, errors.New("null, want a JSON object")
	}
	return raw, nil
}

func position(data []byte, offset int64) (line, column int) {
	before := string(data[:min(int(offset), len(data))])
	return 1 + strings.Count(before, "\n"), max(len(before)-1-strings.LastIndexByte(before, '\n'), 1)
}

// Python writes the numbers that JSON lacks as bare words. They are carried as
// strings that no config holds, so that the value is
// refused under its own key and an unknown key keeps it.
const mark = `"\u0001not in JSON: `

var nonFinite = []string{"-Infinity", "Infinity", "NaN"}

func markNonFinite(data []byte) []byte {
	var out []byte // nil while nothing was replaced
	inString := false
scan:
	for i := 0; i < len(data); {
		c := data[i]
		switch {
		case inString && c == '\\' && i+1 < len(data):
			if out != nil {
				out = append(out, c, data[i+1])
			}
			i += 2
			continue
		case c == '"':
			inString = !inString
		case !inString && (c == 'N' || c == 'I' || c == '-'):
			for _, w := range nonFinite {
				if strings.HasPrefix(string(data[i:min(i+len(w), len(data))]), w) {
					if out == nil {
						out = append(out, data[:i]...)
					}
					out = append(append(append(out, mark...), w...), '"')
					i += len(w)
					continue scan
				}
			}
		}
		if out != nil {
			out = append(out, c)
		}
		i++
	}
	if out == nil {
		return data
	}
	return out
}

func restoreNonFinite(v json.RawMessage) json.RawMessage {
	t := string(v)
	if !strings.Contains(t, mark) {
		return v
	}
	for _, w := range nonFinite {
		t = strings.ReplaceAll(t, mark+w+`"`, w)
	}
	return json.RawMessage(t)
}
