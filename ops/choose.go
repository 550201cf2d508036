package ops

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/vkdual/vkdual/runtime"
)

// A chooser collects verdicts on the kernels of a device.
type chooser struct {
	dev     *runtime.Device
	known   map[string]Choice // by kernel, from disk
	news    bool              // known has grown
	choices []Choice
	err     error
}

// choose ranks the kernels of a family that the device can run and that answer right.
func choose[Op any](c *chooser, f family[Op]) ranking[Op] {
	var good []kernel[Op]
	first, fresh := len(c.choices), false
	old := map[string]bool{} // verdicts from disk
	for _, k := range f.kernels {
		v := Choice{Op: f.op, Kernel: k.name}
		if k.needs != nil {
			v.Lacks = k.needs(c.dev.Info())
		}
		if known, ok := c.known[k.name]; ok && v.Lacks == "" {
			v, old[k.name] = known, true
		} else if v.Lacks == "" {
			fresh = true
			if !c.news {
				c.dev.Log().Info("first use of this device and driver: its kernels are checked and timed, once")
				c.news = true
			}
			if err := f.check(c.dev, k); err != nil {
				v.Wrong = err.Error()
			}
		}
		c.choices = append(c.choices, v)
		if v.On() {
			good = append(good, k)
		}
	}
	verdicts := c.choices[first:]
	if fresh {
		f.race(c.dev, good, verdicts)
		good = slices.DeleteFunc(good, func(k kernel[Op]) bool { return !verdict(verdicts, k.name).On() })
		for _, v := range verdicts {
			if v.Lacks == "" {
				c.known[v.Kernel] = v
			}
		}
	}

	// A driver may answer from a cache of its own that has gone bad since
	// (Mesa's is blind to some settings): the kernels that come first are
	// asked again at every start.
	for len(good) > 0 {
		r := rank(good, verdicts)
		bad := ""
		for _, k := range []kernel[Op]{r.few[0], r.many[0]} {
			if !old[k.name] {
				continue
			}
			old[k.name] = false
			if err := f.check(c.dev, k); err != nil {
				bad = k.name
				verdict(verdicts, bad).Wrong = err.Error()
				break
			}
		}
		if bad == "" {
			return r
		}
		good = slices.DeleteFunc(good, func(k kernel[Op]) bool { return k.name == bad })
	}
	if c.err == nil {
		var why []string
		for _, v := range verdicts {
			why = append(why, strings.Join(strings.Fields(v.String()), " "))
		}
		c.err = fmt.Errorf("ops: no kernel for %s works on %s: %s", f.op, c.dev.Info().Name, strings.Join(why, "; "))
	}
	return ranking[Op]{}
}

// check holds a kernel against the first known answer of a shape that it takes.
func (f family[Op]) check(d *runtime.Device, k kernel[Op]) error {
	for _, t := range f.trials(k) {
		if res := t.run(d); !errors.Is(res.Err, errNotTaken) {
			return res.Err
		}
	}
	return errNotTaken
}

// race times kernels against each other on little work and on much. They run in
// turn, so that what else the machine does meets all of them alike.
func (f family[Op]) race(d *runtime.Device, ks []kernel[Op], verdicts []Choice) {
	for _, few := range []bool{true, false} {
		times := make([]func() (float64, error), len(ks))
		for i, k := range ks {
			p, close, err := f.program(d, k, few)
			times[i] = func() (float64, error) {
				if err == nil {
					err = p.Run(context.Background())
				}
				if err != nil {
					return 0, err
				}
				return float64(p.Stats().Total) / 1e6, nil
			}
			if err == nil {
				defer close()
			}
		}
		for i, ms := range race(times) {
			v := verdict(verdicts, ks[i].name)
			switch {
			case ms.err != nil:
				v.Wrong = ms.err.Error()
			case few:
				v.Few = ms.best
			default:
				v.Many = ms.best
			}
		}
	}
}

// program is a kernel's program for the first work that it takes.
func (f family[Op]) program(d *runtime.Device, k kernel[Op], few bool) (p *runtime.Program, close func(), err error) {
	for _, t := range f.work(k, few) {
		if p, close, err = t.program(d); !errors.Is(err, errNotTaken) {
			return p, close, err
		}
	}
	return nil, nil, errNotTaken
}

type lap struct {
	best float64 // ms
	err  error
}

// race runs contenders in turn and keeps the best time of each. The first lap
// compiles, the next two decide who is worth more, and those have laps until
// the time for a race is up.
func race(run []func() (float64, error)) []lap {
	const rounds, length, far = 15, 150 * time.Millisecond, 3
	const slow = 1000 // ms
	laps := make([]lap, len(run))
	for i := range laps {
		laps[i].best = math.Inf(1)
	}
	fastest := math.Inf(1)
	var start time.Time
	for round := range rounds {
		if round == 3 {
			start = time.Now()
		}
		for i := range run {
			l := &laps[i]
			if l.err != nil || round > 2 && l.best > far*fastest {
				continue
			}
			if round > 0 && l.best > slow {
				continue // compiled or not
			}
			ms, err := run[i]()
			if round == 1 {
				l.best = ms
			}
			l.best, l.err = min(l.best, ms), err
		}
		for _, l := range laps {
			if l.err == nil {
				fastest = min(fastest, l.best)
			}
		}
		if round >= 3 && time.Since(start) > length {
			break
		}
	}
	return laps
}

func verdict(vs []Choice, name string) *Choice {
	return &vs[slices.IndexFunc(vs, func(v Choice) bool { return v.Kernel == name })]
}

// rank orders kernels for little and for much work. The order of the family's
// list stands unless a later kernel is faster by a clear margin: neighbours of
// equal speed must not change places with the noise of a machine.
func rank[Op any](ks []kernel[Op], vs []Choice) ranking[Op] {
	const margin = 0.8
	by := func(ms func(*Choice) float64) (order []kernel[Op]) {
		for rest := slices.Clone(ks); len(rest) > 0; {
			best := 0
			for i := range rest {
				if ms(verdict(vs, rest[i].name)) < margin*ms(verdict(vs, rest[best].name)) {
					best = i
				}
			}
			order = append(order, rest[best])
			rest = slices.Delete(rest, best, best+1)
		}
		return order
	}
	return ranking[Op]{
		few:  by(func(v *Choice) float64 { return v.Few }),
		many: by(func(v *Choice) float64 { return v.Many }),
	}
}
