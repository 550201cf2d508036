package dualencoder

import (
	"container/list"
	"errors"
	"sync"

	"github.com/vkdual/vkdual/runtime"
)

// idleBytes is the device memory that programs may hold while they wait to be
// used again: enough for many small ones, or for one large.
const idleBytes = 1 << 30

// programs keeps the recorded programs that were used last. A program is used
// by one goroutine at a time; programs of different shapes run side by side.
type programs struct {
	record func(shape) (*runtime.Program, error)
	limit  int

	mu     sync.Mutex
	recent list.List // of *program, the last used in front
	known  map[shape]*list.Element
	bytes  uint64 // of all that are recorded
	closed bool
}

type program struct {
	shape shape
	users int    // guarded by programs.mu; one with users is never dropped
	bytes uint64 // guarded by programs.mu; 0 until it was recorded

	mu  sync.Mutex // held while it is recorded or runs
	run *runtime.Program
}

// A recordError says that a device cannot take a program. A smaller one may fit.
type recordError struct{ err error }

func (e *recordError) Error() string { return e.err.Error() }
func (e *recordError) Unwrap() error { return e.err }

// tooLarge reports whether err asks for less than s at once.
func tooLarge(err error, s shape) bool {
	var r *recordError
	return errors.As(err, &r) && s.rows() > 1
}

// use calls f with the program for s, recorded if need be.
func (c *programs) use(s shape, f func(*runtime.Program) error) error {
	p, err := c.acquire(s)
	if err != nil {
		return err
	}
	defer c.release(p)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.run == nil {
		run, err := c.record(s)
		if err != nil && c.drop(0, 0) > 0 {
			run, err = c.record(s) // it may have been the others' memory that was missing
		}
		if err != nil {
			return &recordError{err}
		}
		p.run = run
		c.mu.Lock()
		p.bytes = run.Stats().DeviceBytes
		c.bytes += p.bytes
		c.mu.Unlock()
	}
	return f(p.run)
}

func (c *programs) acquire(s shape) (*program, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, ErrClosed
	}
	e, ok := c.known[s]
	if !ok {
		if c.known == nil {
			c.known = map[shape]*list.Element{}
		}
		e = c.recent.PushFront(&program{shape: s})
		c.known[s] = e
	}
	c.recent.MoveToFront(e)
	p := e.Value.(*program)
	p.users++
	return p, nil
}

func (c *programs) release(p *program) {
	c.mu.Lock()
	p.users--
	keep, bytes := c.limit, uint64(idleBytes)
	if c.closed {
		keep, bytes = 0, 0
	}
	c.mu.Unlock()
	c.drop(keep, bytes)
}

// drop frees the programs that no one uses, the oldest first, until at most
// keep of at most so many bytes are left, and says how many it freed. One that
// cannot be recorded leaves nothing behind.
func (c *programs) drop(keep int, bytes uint64) (freed int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for e := c.recent.Back(); e != nil; {
		p, before := e.Value.(*program), e.Prev()
		last := e == c.recent.Front() && keep > 0 // however large, it is the most likely to be used again
		over := c.recent.Len() > keep || c.bytes > bytes && !last
		if p.users == 0 && (over || p.run == nil) {
			c.recent.Remove(e)
			delete(c.known, p.shape)
			c.bytes -= p.bytes
			if p.run != nil {
				p.run.Close()
				freed++
			}
		}
		e = before
	}
	return freed
}

// close frees all programs; one that is running is freed when it is done.
func (c *programs) close() {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.drop(0, 0)
}
