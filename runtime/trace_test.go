package runtime_test

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/vkdual/vkdual/runtime"
	"github.com/vkdual/vkdual/runtime/devicetest"
)

// A traceFile is what Trace writes, with names in place of numbers.
type traceFile struct {
	TraceEvents []struct {
		Name     string
		Ph       string
		Ts, Dur  float64
		Pid, Tid int
		Args     map[string]string
	}
}

// span is one event, in µs.
type span struct {
	process, lane, name string
	from, to            float64
}

func readTrace(t testing.TB, trace *runtime.Trace) (spans []span) {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, trace.Write(&b))
	var file traceFile
	require.NoError(t, json.Unmarshal(b.Bytes(), &file))
	processes, lanes := map[int]string{}, map[[2]int]string{}
	for _, e := range file.TraceEvents {
		switch {
		case e.Ph == "M" && e.Name == "process_name":
			processes[e.Pid] = e.Args["name"]
		case e.Ph == "M" && e.Name == "thread_name":
			lanes[[2]int{e.Pid, e.Tid}] = e.Args["name"]
		default:
			require.Equal(t, "X", e.Ph)
			require.Contains(t, processes, e.Pid)
			require.Contains(t, lanes, [2]int{e.Pid, e.Tid})
			spans = append(spans, span{processes[e.Pid], lanes[[2]int{e.Pid, e.Tid}], e.Name, e.Ts, e.Ts + e.Dur})
		}
	}
	return spans
}

func of(spans []span, process, lane string) (out []span) {
	for _, s := range spans {
		if s.process == process && s.lane == lane {
			out = append(out, s)
		}
	}
	return out
}

// What a device did lies within the host's run and adds up to the profile.
func TestATraceAndAProfileAgree(t *testing.T) {
	for name, staged := range map[string]bool{"shared": false, "staged": true} {
		t.Run(name, func(t *testing.T) {
			devicetest.EachWith(t, runtime.Switches{Staged: staged}, func(t *testing.T, plain *runtime.Device) {
				const runs, times, n = 3, 5, 50_000
				trace := runtime.NewTrace()
				d, err := runtime.Open(runtime.Options{Device: plain.Info().Name, CacheDir: "off", Trace: trace, Switches: plain.Switches()})
				require.NoError(t, err)
				t.Cleanup(d.Close)
				p := doublings(t, d, n, times)
				for range runs {
					require.NoError(t, p.Run(t.Context()))
				}
				var last time.Duration
				for _, o := range p.Profile() {
					last += o.Time
				}
				sums := d.Profile()
				require.Len(t, sums, 1)
				require.Equal(t, runs*times, sums[0].Count)
				require.Equal(t, uint64(runs*times*2*4*n), sums[0].Bytes, "one input, bound twice, and one output")
				require.GreaterOrEqual(t, sums[0].Time, last)

				require.Empty(t, d.Messages())
				spans := readTrace(t, trace)
				process := spans[0].process
				require.Contains(t, process, d.Info().Name)
				var hosts []span
				for _, s := range of(spans, process, "host") {
					if s.name == "run doublings" {
						hosts = append(hosts, s)
					}
				}
				require.Len(t, hosts, runs)
				devices := of(spans, process, "device")
				require.Len(t, devices, runs*times)
				sum := 0.0
				for i, s := range devices {
					run := hosts[i/times]
					const clock = 1e-3 // µs: times are whole nanoseconds
					require.GreaterOrEqual(t, s.from, run.from-clock)
					require.LessOrEqual(t, s.to, run.to+clock)
					sum += s.to - s.from
				}
				require.InDelta(t, float64(sums[0].Time)/1e3, sum, runs*times*2e-3)
				copies := 0
				if staged {
					copies = runs
				}
				require.Len(t, of(spans, process, "upload"), copies)
				require.Len(t, of(spans, process, "download"), copies)
			})
		})
	}
}

// Spans that overlap are put in lanes beside each other, those that enclose are not.
func TestSpansThatOverlapGetLanesOfTheirOwn(t *testing.T) {
	trace, start := runtime.NewTrace(), time.Now()
	at := func(ms int) time.Time { return start.Add(time.Duration(ms) * time.Millisecond) }
	trace.Span("decode", "b", at(5), at(15))
	trace.Span("decode", "a", at(0), at(10))
	trace.Span("decode", "inside a", at(0), at(5))
	trace.Span("decode", "c", at(10), at(20))
	lanes := map[string]string{}
	for _, s := range readTrace(t, trace) {
		require.Equal(t, "host", s.process)
		lanes[s.name] = s.lane
	}
	require.Equal(t, map[string]string{"a": "decode", "inside a": "decode", "b": "decode 2", "c": "decode"}, lanes)
	var none *runtime.Trace
	none.Span("decode", "a", at(0), at(1)) // nowhere to go
}
