package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"strings"
)

// An entry of a list: where it stood and what it says, or why it could not be read.
type entry struct {
	text  string
	err   error // ends a list, whose name text then is
	piped bool  // from standard input
}

// list reads strings from a file ("-": standard input): a JSON array of strings
// where it starts with [" or is [], else one a line. It is read as it is
// consumed, so that memory does not grow with its length.
func (c *console) list(ctx context.Context, path string) iter.Seq[entry] {
	return func(yield func(entry) bool) {
		name := path
		var r io.ReadCloser
		var err error
		if path == "-" {
			name, r = "standard input", interruptible(ctx, c.in)
		} else if r, err = os.Open(path); err != nil {
			yield(entry{text: path, err: errors.New(reason(err))})
			return
		}
		defer r.Close()
		b := bufio.NewReaderSize(r, 1<<16)
		skipBOM(b)
		read := readLines
		if startsArray(b) {
			read = readArray
		}
		if err := read(b, func(s string) bool { return yield(entry{text: s, piped: path == "-"}) }); err != nil {
			yield(entry{text: name, err: err})
		}
	}
}

// interruptible reads from r until ctx ends, even where r never gives anything.
func interruptible(ctx context.Context, r io.Reader) io.ReadCloser {
	out, in := io.Pipe()
	go func() {
		_, err := io.Copy(in, r)
		in.CloseWithError(err)
	}()
	context.AfterFunc(ctx, func() { in.CloseWithError(ctx.Err()) })
	return out
}

func skipBOM(b *bufio.Reader) {
	if head, _ := b.Peek(3); string(head) == "\ufeff" {
		_, _ = b.Discard(3)
	}
}

// startsArray reports whether the first characters are those of a JSON array of
// strings. A line such as "[CLS] hello" is not one.
func startsArray(b *bufio.Reader) bool {
	const look = 1 << 10
	head, _ := b.Peek(look)
	s, ok := strings.CutPrefix(strings.TrimLeft(string(head), " \t\r\n"), "[")
	s = strings.TrimLeft(s, " \t\r\n")
	return ok && (s == "" || s[0] == '"' || s[0] == ']')
}

func readArray(r *bufio.Reader, yield func(string) bool) error {
	d := json.NewDecoder(r)
	if _, err := d.Token(); err != nil {
		return err
	}
	for i := 0; d.More(); i++ {
		var s *string
		if err := d.Decode(&s); err != nil {
			return fmt.Errorf("a JSON array of strings: element %d: %w", i, err)
		}
		if s == nil {
			return fmt.Errorf("a JSON array of strings: element %d is null", i)
		}
		if !yield(*s) {
			return nil
		}
	}
	if _, err := d.Token(); err != nil {
		return fmt.Errorf("a JSON array of strings: %w", eof(err))
	}
	if t, err := d.Token(); err != io.EOF {
		return fmt.Errorf("a JSON array of strings: something follows it (%v)", t)
	}
	return nil
}

func eof(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// readLines yields lines without their ends. An empty line is an empty string;
// the end of the last line begins no other.
func readLines(r *bufio.Reader, yield func(string) bool) error {
	for {
		line, err := r.ReadString('\n')
		if line != "" {
			line = strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
			if !yield(line) {
				return nil
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// inOrder is given, then what the file from lists ("": none).
func (c *console) inOrder(ctx context.Context, given []string, from string) iter.Seq[entry] {
	return func(yield func(entry) bool) {
		for _, s := range given {
			if !yield(entry{text: s}) {
				return
			}
		}
		if from == "" {
			return
		}
		for e := range c.list(ctx, from) {
			if !yield(e) {
				return
			}
		}
	}
}

// collect reads a list that must be known whole.
func collect(list iter.Seq[entry]) ([]string, error) {
	all := []string{}
	for e := range list {
		if e.err != nil {
			return nil, fmt.Errorf("%s: %w", e.text, e.err)
		}
		all = append(all, e.text)
	}
	return all, nil
}
