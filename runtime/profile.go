package runtime

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

// An OpTime is the device time of one dispatch in a program's last run.
type OpTime struct {
	Op, Module, Scope string
	Time              time.Duration
	FLOPs             float64
	Bytes             uint64 // moved, if each bound element is once
}

// An OpSum is what the dispatches of one operation, in one shader, took together.
type OpSum struct {
	Op, Module string
	Count      int
	Time       time.Duration
	FLOPs      float64
	Bytes      uint64
}

// Profile is the device time of each dispatch of the last run; nil unless the
// device was opened with Switches.Profile and has timestamps.
func (p *Program) Profile() []OpTime {
	if p.timers == 0 {
		return nil
	}
	ts := make([]OpTime, len(p.nodes))
	for i := range p.nodes {
		n := &p.nodes[i]
		ts[i] = OpTime{n.Op, n.Module, n.scope, p.nodeTime(i), n.FLOPs, n.Bytes}
	}
	return ts
}

// Profile sums up all runs of all programs of the device so far, the longest
// operation first; nil unless it was opened with Switches.Profile and has
// timestamps.
func (d *Device) Profile() []OpSum { return d.profile.list() }

// Sum sums up dispatches by operation and shader, the longest first.
func Sum(times []OpTime) []OpSum {
	var p profile
	for _, t := range times {
		p.add(t)
	}
	return p.list()
}

// profile sums up dispatches. It is safe for concurrent use.
type profile struct {
	mu   sync.Mutex
	sums map[profileKey]*OpSum
}

type profileKey struct{ op, module string }

func (p *profile) add(t OpTime) {
	p.mu.Lock()
	defer p.mu.Unlock()
	k := profileKey{t.Op, t.Module}
	s := p.sums[k]
	if s == nil {
		if p.sums == nil {
			p.sums = map[profileKey]*OpSum{}
		}
		s = &OpSum{Op: t.Op, Module: t.Module}
		p.sums[k] = s
	}
	s.Count++
	s.Time += t.Time
	s.FLOPs += t.FLOPs
	s.Bytes += t.Bytes
}

func (p *profile) list() (out []OpSum) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.sums {
		out = append(out, *s)
	}
	slices.SortFunc(out, func(a, b OpSum) int {
		return cmp.Or(cmp.Compare(b.Time, a.Time), cmp.Compare(a.Op, b.Op), cmp.Compare(a.Module, b.Module))
	})
	return out
}

// A program that is timed takes a timestamp before it brings its inputs to the
// device, after that, after each dispatch, and after it has brought its outputs
// to the host.
const (
	timeBegin = iota
	timeStart
	timeFirst // after the first dispatch
)

// timestamps is how many a program takes.
func (p *Program) timestamps() int { return timeFirst + len(p.nodes) + 1 }

// between is the device's time from one timestamp to another. A counter of few
// bits may have begun again.
func (p *Program) between(from, to int) time.Duration {
	n := p.ticks[to] - p.ticks[from]
	if bits := p.dev.info.TimestampBits; bits < 64 {
		n &= 1<<bits - 1
	}
	return time.Duration(float64(n) * float64(p.dev.info.Limits.TimestampPeriod))
}

// nodeTime is that of dispatch i in the last run.
func (p *Program) nodeTime(i int) time.Duration { return p.between(timeStart+i, timeFirst+i) }

// profiled notes the run that has just ended: begun at begin, submitted by
// submitted and done at done.
func (p *Program) profiled(begin, submitted, done time.Time) error {
	if err := p.dev.vk.QueryResults(p.timers, 0, p.ticks); err != nil {
		return err
	}
	for i := range p.nodes {
		n := &p.nodes[i]
		p.dev.profile.add(OpTime{n.Op, n.Module, n.scope, p.nodeTime(i), n.FLOPs, n.Bytes})
	}
	p.dev.trace.run(p, begin, submitted, done)
	return nil
}
