package main

import (
	"errors"
	"iter"
	"strconv"
	"unicode/utf8"
)

// errNotUTF8 is what is wrong with a text under --strict.
var errNotUTF8 = errors.New("not UTF-8: save it as such, or leave --strict out to have what is malformed count as U+FFFD")

// checkUTF8 tells of a text that is not UTF-8, or when strict gives an error.
func (c *console) checkUTF8(text string, strict bool) error {
	switch {
	case utf8.ValidString(text):
		return nil
	case strict:
		return errNotUTF8
	}
	c.note("%s is not UTF-8: what is malformed counts as U+FFFD", quoted(text))
	return nil
}

// noteInvalid tells of texts that are not UTF-8.
func (c *console) noteInvalid(texts []string) {
	for _, s := range texts {
		_ = c.checkUTF8(s, false)
	}
}

// quoted is a text as a message shows it: cut short, on one line.
func quoted(s string) string {
	const most = 60
	if utf8.RuneCountInString(s) > most {
		s = string([]rune(s)[:most]) + "…"
	}
	return strconv.Quote(s)
}

// textQueue feeds texts to a pipeline that reads ahead in the same goroutine,
// and remembers those under way.
type textQueue struct {
	list  iter.Seq[entry]
	check func(string) error // what a text must pass
	texts []string

	name string // of the list, or the text, that ended it early
	err  error  // why
}

func (q *textQueue) all(yield func(string) bool) {
	for e := range q.list {
		if e.err != nil {
			q.name, q.err = e.text, e.err
			return
		}
		if err := q.check(e.text); err != nil {
			q.name, q.err = quoted(e.text), err
			return
		}
		q.texts = append(q.texts, e.text)
		if !yield(e.text) {
			return
		}
	}
}

// next is the text whose result comes next.
func (q *textQueue) next() string {
	s := q.texts[0]
	q.texts = q.texts[1:]
	return s
}
