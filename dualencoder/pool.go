package dualencoder

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/vkdual/vkdual/runtime"
)

// A Pool runs one checkpoint on several devices at once: a [Model] on each,
// which share nothing. A device takes a batch whenever it is free, of a size
// that fits its measured speed, so that the slowest does not keep the others
// waiting at the end. Results come in the order of the inputs; each has the
// numbers of the device that made it, which differ in their last digit at most.
//
// A device that fails is dropped with a warning in its model's log, and its
// batch is run again on another. The error of the last one is reported as a
// Model reports it. Inputs that fail by themselves drop no device.
//
// A Pool is safe for concurrent use. It owns nothing: close its models when no
// call is running.
type Pool struct {
	mu      sync.Mutex
	members []*member
}

// A member is a device of a pool. Its fields are guarded by Pool.mu.
type member struct {
	*Model
	lost  error
	begun [2]bool  // it has run a batch: of texts, of pictures
	speed [2]speed // of the same
	load  Load
}

// speed is what a device does in a second: tokens of texts, numbers of
// pictures. Zero is not yet measured.
type speed float64

// A Load is what a device of a Pool has done so far.
type Load struct {
	Model  *Model
	Inputs int           // that it has embedded
	Busy   time.Duration // of running batches
	Lost   error         // why it was dropped; nil: it was not
}

// NewPool joins models of one checkpoint, each on a device of its own.
func NewPool(models ...*Model) (*Pool, error) {
	if len(models) == 0 {
		return nil, errors.New("dualencoder: pool: no model, want one or more")
	}
	p := &Pool{}
	first := models[0]
	for i, m := range models {
		if m.Dim() != first.Dim() || m.MaxTokens() != first.MaxTokens() || m.scale != first.scale || m.bias != first.bias || m.opt.Side != first.opt.Side {
			return nil, fmt.Errorf("dualencoder: pool: model %d, %s, is not the first one, %s: want one checkpoint on several devices", i, m.name, first.name)
		}
		for j := range i {
			if models[j] == m {
				return nil, fmt.Errorf("dualencoder: pool: models %d and %d are the same", j, i)
			}
		}
		p.members = append(p.members, &member{Model: m, load: Load{Model: m}})
	}
	return p, nil
}

// alone is a pool of m and no other.
func (m *Model) alone() *Pool { return &Pool{members: []*member{{Model: m}}} }

// first is the model that answers for all where they are the same.
func (p *Pool) first() *Model { return p.members[0].Model }

// Dim is the length of an embedding.
func (p *Pool) Dim() int { return p.first().Dim() }

// MaxTokens is the length of the longest text, with its special tokens.
func (p *Pool) MaxTokens() int { return p.first().MaxTokens() }

// Processor holds the tokenizer and the image processor; nil for models made by New.
func (p *Pool) Processor() *Processor { return p.first().processor }

// Loads tell what each device has done so far, in the order of NewPool.
func (p *Pool) Loads() []Load {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := make([]Load, len(p.members))
	for i, d := range p.members {
		out[i] = d.load
		out[i].Lost = d.lost
	}
	return out
}

// trace is what the devices report to; nil: nothing.
func (p *Pool) trace() *runtime.Trace { return p.first().dev.Trace() }

// maxBatch is the largest batch of any device.
func (p *Pool) maxBatch(k kind) (most int) {
	for _, d := range p.members {
		most = max(most, d.maxBatch(k))
	}
	return most
}

// speeds are those of the devices that are left.
type speeds struct {
	devices           int
	own, fastest, all speed
	known             bool // all of them are measured
}

func (p *Pool) speeds(d *member, k kind) speeds {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := speeds{own: d.speed[k], known: true}
	for _, e := range p.members {
		if e.lost == nil {
			s.devices++
			s.known = s.known && e.speed[k] > 0
			s.fastest, s.all = max(s.fastest, e.speed[k]), s.all+e.speed[k]
		}
	}
	return s
}

// ran notes a batch that d has run. The first is no measure of its speed, since
// drivers compile shaders when they first run; of later ones half counts each time.
func (p *Pool) ran(d *member, k kind, b *batch, took time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if d.begun[k] {
		s := speed(float64(b.shape.rows()*b.shape.each()) / max(took.Seconds(), 1e-9))
		if d.speed[k] > 0 {
			s = (s + d.speed[k]) / 2
		}
		d.speed[k] = s
	}
	d.begun[k] = true
	d.load.Inputs += len(b.tasks)
	d.load.Busy += took
}

// drop takes d out, unless it is the last one, and reports whether it is out.
func (p *Pool) drop(d *member, err error) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if d.lost != nil {
		return true // by another stream
	}
	left := 0
	for _, e := range p.members {
		if e.lost == nil {
			left++
		}
	}
	if left == 1 {
		return false
	}
	d.lost = err
	d.log.Warn(fmt.Sprintf("%s failed and is dropped, its work is done again on the others: %v", d.dev.Info().Name, err))
	return true
}

func (p *Pool) dropped(d *member) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return d.lost != nil
}
