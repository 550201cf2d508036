package main

import (
	"io"

	"github.com/schollz/progressbar/v3"
)

// A progress is a bar on a terminal. A nil progress does nothing, which is
// what a pipe gets.
type progress struct{ bar *progressbar.ProgressBar }

// progress starts a bar over total steps (-1: unknown) where standard error is
// a terminal that no results go to: they are progress enough. The caller ends
// it with done.
func (c *console) progress(total int, what string, results *output) {
	if !terminal(c.err) || results != nil && results.file == nil && terminal(c.out) {
		return
	}
	p := &progress{progressbar.NewOptions(total,
		progressbar.OptionSetWriter(c.err),
		progressbar.OptionSetDescription(what),
		progressbar.OptionShowCount(),
		progressbar.OptionShowIts(),
		progressbar.OptionSetPredictTime(total > 0),
		progressbar.OptionClearOnFinish(),
		progressbar.OptionThrottle(100_000_000), // nanoseconds
		progressbar.OptionFullWidth(),
	)}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.bar = p
}

// step moves the bar on by n.
func (c *console) step(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.bar != nil {
		_ = c.bar.bar.Add(n) // a bar that cannot be drawn is no reason to stop
	}
}

// bytes shows how many of a growing total have come, where standard error is a
// terminal. The caller ends it with c.done.
func (c *console) bytes(what string, come, total int64) {
	if !terminal(c.err) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.bar = c.bar.bytes(c.err, what, come, total)
}

// bytes moves the bar, or begins one: none was there, or it was full, which ends it, and
// now there is more to come.
func (p *progress) bytes(w io.Writer, what string, come, total int64) *progress {
	if p == nil || p.bar.IsFinished() && come < total {
		p = &progress{progressbar.NewOptions64(total,
			progressbar.OptionSetWriter(w),
			progressbar.OptionSetDescription(what),
			progressbar.OptionShowBytes(true),
			progressbar.OptionClearOnFinish(),
			progressbar.OptionThrottle(100_000_000), // nanoseconds
			progressbar.OptionFullWidth(),
		)}
	}
	p.bar.ChangeMax64(total)
	_ = p.bar.Set64(come) // a bar that cannot be drawn is no reason to stop
	return p
}

// done takes the bar away.
func (c *console) done() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.bar.clear()
	c.bar = nil
}

func (p *progress) clear() {
	if p != nil {
		_ = p.bar.Clear()
	}
}

func (p *progress) draw() {
	if p != nil {
		_ = p.bar.RenderBlank()
	}
}
