package runtime

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"
)

// A Trace collects what host and devices did when, in Chrome's trace event
// format ("Trace Event Format", complete events), which chrome://tracing and
// ui.perfetto.dev show. It has a process for the host and one for each device:
// there host (submitting and waiting), upload, device and download are lanes. It
// is safe for concurrent use; a nil Trace takes nothing.
type Trace struct {
	mu        sync.Mutex
	start     time.Time
	spans     []traceSpan
	processes map[int]string // their names
}

type traceSpan struct {
	process    int
	lane, name string
	from, to   time.Time
	args       map[string]string
}

// NewTrace starts a trace at now.
func NewTrace() *Trace {
	return &Trace{start: time.Now(), processes: map[int]string{0: "host"}}
}

// Span adds a span of host work. Spans of one lane that overlap get lanes of
// their own beside it.
func (t *Trace) Span(lane, name string, from, to time.Time) {
	t.add(traceSpan{lane: lane, name: name, from: from, to: to})
}

func (t *Trace) add(spans ...traceSpan) {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.spans = append(t.spans, spans...)
}

// Trace is what the device reports to; nil: nothing.
func (d *Device) Trace() *Trace { return d.trace }

// Span adds a span of what the host did for the device to its trace, if any.
func (d *Device) Span(lane, name string, from, to time.Time) {
	d.trace.add(traceSpan{process: d.traceProcess(), lane: lane, name: name, from: from, to: to})
}

// traceProcess is the device's process in a trace.
func (d *Device) traceProcess() int { return d.index + 1 }

// device names a device's process.
func (t *Trace) device(d *Device) {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.processes[d.traceProcess()] = fmt.Sprintf("%d: %s", d.index, d.info.Name)
}

// run adds a program's run. The device's last timestamp is set to when the wait
// ended: the two clocks have no other common point.
func (t *Trace) run(p *Program, begin, submitted, done time.Time) {
	if t == nil {
		return
	}
	process := p.dev.traceProcess()
	spans := []traceSpan{
		{process: process, lane: "host", name: "run " + p.name, from: begin, to: done},
		{process: process, lane: "host", name: "submit", from: begin, to: submitted},
		{process: process, lane: "host", name: "wait", from: submitted, to: done},
	}
	last := len(p.ticks) - 1
	at := func(i int) time.Time { return done.Add(-p.between(i, last)) }
	if p.host != p.io && p.plan.inputs > 0 {
		spans = append(spans, traceSpan{process: process, lane: "upload", name: "copy inputs", from: at(timeBegin), to: at(timeStart)})
	}
	for i := range p.nodes {
		n := &p.nodes[i]
		args := map[string]string{"scope": n.scope, "module": n.Module, "groups": fmt.Sprint(n.Groups)}
		spans = append(spans, traceSpan{process, "device", n.Op, at(timeStart + i), at(timeFirst + i), args})
	}
	if p.host != p.io && p.plan.io > p.plan.inputs {
		spans = append(spans, traceSpan{process: process, lane: "download", name: "copy outputs", from: at(last - 1), to: at(last)})
	}
	t.add(spans...)
}

type traceEvent struct {
	Name     string            `json:"name"`
	Phase    string            `json:"ph"`
	At       float64           `json:"ts"`  // µs
	Duration float64           `json:"dur"` // µs
	Process  int               `json:"pid"`
	Lane     int               `json:"tid"`
	Args     map[string]string `json:"args,omitempty"`
}

// Write writes the trace as JSON.
func (t *Trace) Write(w io.Writer) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	events := []traceEvent{}
	for id, name := range t.processes {
		events = append(events, traceEvent{Name: "process_name", Phase: "M", Process: id, Args: map[string]string{"name": name}})
	}
	slices.SortFunc(events, func(a, b traceEvent) int { return cmp.Compare(a.Process, b.Process) })

	// What encloses comes before what it holds.
	slices.SortStableFunc(t.spans, func(a, b traceSpan) int { return cmp.Or(a.from.Compare(b.from), b.to.Compare(a.to)) })
	type laneKey struct {
		process int
		name    string
	}
	lanes := map[laneKey][]*traceLane{}
	numbers := 0
	for _, s := range t.spans {
		key := laneKey{s.process, s.lane}
		i := slices.IndexFunc(lanes[key], func(l *traceLane) bool { return l.takes(s) })
		if i < 0 {
			i, numbers = len(lanes[key]), numbers+1
			lanes[key] = append(lanes[key], &traceLane{number: numbers})
			name := s.lane
			if i > 0 {
				name += fmt.Sprint(" ", i+1)
			}
			events = append(events, traceEvent{Name: "thread_name", Phase: "M", Process: s.process, Lane: numbers, Args: map[string]string{"name": name}})
		}
		l := lanes[key][i]
		l.open = append(l.open, s.to)
		events = append(events, traceEvent{
			Name: s.name, Phase: "X", Process: s.process, Lane: l.number, Args: s.args,
			At: float64(s.from.Sub(t.start)) / 1e3, Duration: float64(s.to.Sub(s.from)) / 1e3,
		})
	}
	return json.NewEncoder(w).Encode(map[string]any{"traceEvents": events, "displayTimeUnit": "ms"})
}

// A traceLane is a row of spans: any two are apart, or one holds the other.
type traceLane struct {
	number int
	open   []time.Time // ends of the spans that are not over, the innermost last
}

// takes reports whether s, which begins after all spans so far, fits.
func (l *traceLane) takes(s traceSpan) bool {
	for len(l.open) > 0 && !l.open[len(l.open)-1].After(s.from) {
		l.open = l.open[:len(l.open)-1]
	}
	return len(l.open) == 0 || !s.to.After(l.open[len(l.open)-1])
}
