package ops

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/vkdual/vkdual/vk"
)

// order are the kernels for op's class, best first: what is forced, then by
// time, where the class was timed, now or before.
func (p *picker[Op]) order(op Op, work []sample[Op]) []kernel[Op] {
	class := p.op + ", " + p.class(op)
	if order, known := p.orders[class]; known {
		return order
	}
	why, racers := "", p.racers(op)
	switch tuning := p.dev.Switches().Tuning(); {
	case p.forced > 0:
		why = "forced"
	case len(racers) < 2:
		why = "the only one for this device"
	case tuning == 0:
		why = "first in order, not timed"
	default:
		p.race(class, racers, work, time.Duration(p.share*float64(tuning)))
	}
	order := p.able
	if p.forced == 0 {
		order = rank(p.able, p.times[class])
	}
	p.orders[class] = order
	for _, k := range order {
		if !k.does(p.dev, op) {
			continue
		}
		ms := p.times[class]
		if _, timed := ms[k.name]; why == "" && (len(ms) < 2 || !timed) {
			why = "first in order: no time was left to tune"
		} else if why == "" {
			why = "fastest: " + ms.of(k.name)
		}
		if p.forced > 0 && !slices.Contains(p.force, k.name) {
			why = "first in order that takes it: the forced do not"
		}
		p.decisions[class] = Decision{class, k.name, why}
		break
	}
	return order
}

// racers are the kernels among which time decides for op.
func (p *picker[Op]) racers(op Op) []kernel[Op] {
	ks := slices.DeleteFunc(slices.Clone(p.able), func(k kernel[Op]) bool { return !k.does(p.dev, op) })
	if p.dev.Info().Type == vk.CPU {
		// What runs on any device is ten times slower than what is made for software drivers.
		own := slices.DeleteFunc(slices.Clone(ks), func(k kernel[Op]) bool { return k.portable })
		if len(own) > 0 {
			return own
		}
	}
	return ks
}

// settled reports whether op's class has an order without timing anything now.
func (p *picker[Op]) settled(op Op) bool {
	class := p.op + ", " + p.class(op)
	if _, known := p.orders[class]; known || p.forced > 0 || p.dev.Switches().Tuning() == 0 {
		return true
	}
	ks := p.racers(op)
	return len(ks) < 2 || !p.untimed(class, ks)
}

// untimed reports whether the time of one of the kernels is not known.
func (p *picker[Op]) untimed(class string, ks []kernel[Op]) bool {
	return slices.ContainsFunc(ks, func(k kernel[Op]) bool { return known(p.times[class], k.name) == 0 })
}

// of prints the times, the best kernel's first.
func (ms laps) of(best string) string {
	s := fmt.Sprintf("%.3g ms", ms[best])
	var rest []string
	for name, t := range ms {
		if name != best && t < math.MaxFloat64 {
			rest = append(rest, fmt.Sprintf("%s %.3g", name, t))
		}
	}
	if slices.Sort(rest); rest != nil {
		s += "; " + strings.Join(rest, ", ")
	}
	return s
}

// laps are the best milliseconds of kernels, by name.
type laps map[string]float64

// A racer is a kernel in a race.
type racer struct {
	name string
	run  func() (float64, error) // ms
	best float64
	err  error
}

// race times kernels against each other, unless their times are known. They are
// made in order, since making one may take seconds, and the race goes on with
// those that are ready when half the time is up; the others' turn comes when the
// program is started again.
func (p *picker[Op]) race(class string, ks []kernel[Op], work []sample[Op], most time.Duration) {
	old := p.times[class]
	left := func() time.Duration { return most - p.spent }
	if !p.untimed(class, ks) || left() <= 0 {
		return
	}
	if !p.told {
		p.told = true
		p.dev.Log().Info("first use of this device and driver: kernels are timed, once", "at most", p.dev.Switches().Tuning())
	}
	// Where a race was cut short before, its best goes on against the rest.
	ks = slices.Clone(rank(ks, old))
	slices.SortStableFunc(ks[1:], func(a, b kernel[Op]) int { return known(old, a.name) - known(old, b.name) })

	got := laps{}
	maps.Copy(got, old)
	start := time.Now()
	defer func() { p.spent += time.Since(start) }()
	var rs []*racer
	var longest time.Duration
	for i, k := range ks {
		if spent := time.Since(start); i > 1 && (spent+longest > left()/2 || known(old, k.name) > 0) {
			break
		}
		began := time.Now()
		if r := p.racer(k, work); r != nil {
			defer r.close()
			rs = append(rs, &r.racer)
		} else {
			got[k.name] = math.MaxFloat64 // not made for such work
		}
		longest = max(longest, time.Since(began))
	}
	sprint(rs, 150*time.Millisecond, left()-time.Since(start))
	for _, r := range rs {
		switch {
		case r.err != nil:
			p.wrong[r.name] = r.err.Error()
			p.dev.Log().Warn("a kernel does not work on this device and is switched off", "kernel", r.name, "why", r.err)
		case !math.IsInf(r.best, 1):
			got[r.name] = r.best
		}
	}
	p.times[class] = got
	p.dev.Remember(timesFile(), p.times)
}

func known(ms laps, name string) int {
	if _, ok := ms[name]; ok {
		return 1
	}
	return 0
}

type ready struct {
	racer
	close func()
}

// racer makes the kernel's program for the first work that it takes and runs
// it once, which on some drivers compiles it; nil where it takes none.
func (p *picker[Op]) racer(k kernel[Op], work []sample[Op]) *ready {
	for _, s := range work {
		prog, close, err := s.of(k).program(p.dev)
		if err == errNotTaken {
			continue
		}
		r := &ready{racer{name: k.name, best: math.Inf(1), err: err}, close}
		if err != nil {
			r.close = func() {}
			return r
		}
		r.run = func() (float64, error) {
			if err := prog.Run(context.Background()); err != nil {
				return 0, err
			}
			return float64(prog.Stats().Total) / 1e6, nil
		}
		r.best, r.err = r.run()
		return r
	}
	return nil
}

// sprint runs kernels in turn, so that what else the machine does meets all of
// them alike, and keeps the best time of each. One that is far behind after a
// second run leaves. It goes on for a length, and for as many rounds as it takes
// that a moment's pause of the machine decides nothing, but no longer than most.
func sprint(rs []*racer, length, most time.Duration) {
	const rounds, enough, far = 13, 6, 3
	start := time.Now()
	for round := range rounds {
		fastest := math.Inf(1)
		for _, r := range rs {
			if r.err == nil {
				fastest = min(fastest, r.best)
			}
		}
		for _, r := range rs {
			if r.err != nil || round > 0 && r.best > far*fastest {
				continue
			}
			if spent := time.Since(start); round > 0 && (spent > most || spent > length && round >= enough) {
				return
			}
			var ms float64
			if ms, r.err = r.run(); r.err == nil {
				r.best = min(r.best, ms)
				fastest = min(fastest, r.best)
			}
		}
	}
}

// rank orders kernels by time. The order of the list stands unless a later
// kernel is faster by a clear margin: neighbours of equal speed must not change
// places with the noise of a machine. One that was not timed keeps its place.
func rank[Op any](ks []kernel[Op], ms laps) (order []kernel[Op]) {
	const margin = 0.95
	for rest := slices.Clone(ks); len(rest) > 0; {
		best := 0
		for i := range rest {
			t, timed := ms[rest[i].name]
			b, bestTimed := ms[rest[best].name]
			if timed && bestTimed && t < margin*b {
				best = i
			}
		}
		order = append(order, rest[best])
		rest = slices.Delete(rest, best, best+1)
	}
	return order
}
