package runtime

import (
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"time"
)

// An OpTime is the device time of one dispatch in a program's last run.
type OpTime struct {
	Op, Module, Scope string
	Time              time.Duration
	FLOPs             float64
}

// Profile is the device time of each dispatch of the last run; nil unless the
// device was opened with Switches.Profile.
func (p *Program) Profile() []OpTime {
	if p.timers == 0 {
		return nil
	}
	ts := make([]OpTime, len(p.nodes))
	for i := range p.nodes {
		n := &p.nodes[i]
		ts[i] = OpTime{n.Op, n.Module, n.scope, p.tick(p.ticks[i+1] - p.ticks[i]), n.FLOPs}
	}
	return ts
}

func (p *Program) tick(n uint64) time.Duration {
	return time.Duration(float64(n) * float64(p.dev.info.Limits.TimestampPeriod))
}

// A Trace collects what devices did, in Chrome's trace event format
// ("Trace Event Format", complete events). It is safe for concurrent use.
type Trace struct {
	mu     sync.Mutex
	start  time.Time
	events []traceEvent
}

type traceEvent struct {
	Name     string  `json:"name"`
	Phase    string  `json:"ph"`
	At       float64 `json:"ts"`  // µs
	Duration float64 `json:"dur"` // µs
	Process  int     `json:"pid"`
	Lane     string  `json:"tid"`
	Args     any     `json:"args,omitempty"`
}

// NewTrace starts a trace at now.
func NewTrace() *Trace { return &Trace{start: time.Now()} }

// Span adds a span of host work.
func (t *Trace) Span(name string, from, to time.Time) {
	if t != nil {
		t.add(traceEvent{Name: name, Lane: "host"}, from, to)
	}
}

func (t *Trace) add(e traceEvent, from, to time.Time) {
	e.Phase, e.Process = "X", 1
	e.At = float64(from.Sub(t.start)) / 1e3
	e.Duration = float64(to.Sub(from)) / 1e3
	t.mu.Lock()
	t.events = append(t.events, e)
	t.mu.Unlock()
}

// run adds a program's run. The device's clock is set to end when the wait
// does: the two clocks have no other common point.
func (t *Trace) run(p *Program, begin, submitted, done time.Time) {
	if t == nil {
		return
	}
	t.add(traceEvent{Name: "submit " + p.name, Lane: "host"}, begin, submitted)
	t.add(traceEvent{Name: "wait " + p.name, Lane: "host"}, submitted, done)
	end := p.ticks[len(p.ticks)-1]
	at := func(i int) time.Time { return done.Add(-p.tick(end - p.ticks[i])) }
	for i := range p.nodes {
		n := &p.nodes[i]
		args := map[string]string{"scope": n.scope, "module": n.Module, "groups": fmt.Sprint(n.Groups)}
		t.add(traceEvent{Name: n.Op, Lane: "device", Args: args}, at(i), at(i+1))
	}
}

// Write writes the trace as JSON.
func (t *Trace) Write(w io.Writer) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return json.NewEncoder(w).Encode(map[string]any{"traceEvents": t.events, "displayTimeUnit": "ms"})
}
