package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"

	"golang.org/x/term"
)

// A console is where a command reads and writes, and counts what failed.
// Notes and complaints may come from several goroutines.
type console struct {
	in       io.Reader
	out, err io.Writer

	mu     sync.Mutex
	bar    *progress // drawn below everything else; nil: none
	failed int       // inputs
}

// note tells something on standard error.
func (c *console) note(format string, args ...any) {
	c.line(fmt.Sprintf(format, args...))
}

// complain tells an error on standard error, whole: it may have several lines.
func (c *console) complain(err error) { c.line(err.Error()) }

// fail reports an input that failed, so that the exit status will be 1.
func (c *console) fail(input string, err error) {
	c.line(input + ": " + bare(input, err))
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failed++
}

func (c *console) line(s string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.bar.clear()
	fmt.Fprintf(c.err, "vkdual: %s\n", s)
	c.bar.draw()
}

// terminal reports whether w is one.
func terminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// log is a logger whose records are notes; those for debugging only when verbose.
func (c *console) log(verbose bool) *slog.Logger {
	level := slog.LevelInfo
	if verbose {
		level = slog.LevelDebug
	}
	return slog.New(&notes{c: c, level: level})
}

// notes is a slog.Handler that writes "message (key value, key value)".
type notes struct {
	c     *console
	level slog.Level
	attrs []slog.Attr
	group string
}

func (h *notes) Enabled(_ context.Context, l slog.Level) bool { return l >= h.level }

func (h *notes) Handle(_ context.Context, r slog.Record) error {
	var b bytes.Buffer
	b.WriteString(r.Message)
	n := 0
	put := func(a slog.Attr) {
		open := ", "
		if n == 0 {
			open = " ("
		}
		n++
		fmt.Fprintf(&b, "%s%s %v", open, a.Key, a.Value)
	}
	for _, a := range h.attrs {
		put(a)
	}
	r.Attrs(func(a slog.Attr) bool {
		a.Key = h.group + a.Key
		put(a)
		return true
	})
	if n > 0 {
		b.WriteByte(')')
	}
	h.c.line(b.String())
	return nil
}

func (h *notes) WithAttrs(as []slog.Attr) slog.Handler {
	d := *h
	d.attrs = append([]slog.Attr(nil), h.attrs...)
	for _, a := range as {
		a.Key = h.group + a.Key
		d.attrs = append(d.attrs, a)
	}
	return &d
}

func (h *notes) WithGroup(name string) slog.Handler {
	d := *h
	d.group += name + "."
	return &d
}
