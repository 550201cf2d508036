package main

import (
	"iter"
	"strconv"
	"unicode/utf8"
)

// noteInvalid tells of texts that are not UTF-8.
func (c *console) noteInvalid(texts []string) {
	for _, s := range texts {
		if !utf8.ValidString(s) {
			c.note("%s is not UTF-8: what is malformed counts as U+FFFD", quoted(s))
		}
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
	see   func(string) // nil: nothing
	texts []string

	name string // of the list that could not be read to its end
	err  error  // why
}

func (q *textQueue) all(yield func(string) bool) {
	for e := range q.list {
		if e.err != nil {
			q.name, q.err = e.text, e.err
			return
		}
		if q.see != nil {
			q.see(e.text)
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
