package ops

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/vkdual/vkdual/runtime"
)

// A chooser is what the pickers of a device's families share.
type chooser struct {
	dev   *runtime.Device
	force []string // kernels
	err   error    // what is forced cannot be

	mu        sync.Mutex
	times     times
	decisions map[string]Decision // by class
	forcedOps map[string]bool     // the operations of which some kernel is forced
	wrong     map[string]string   // by kernel: how its answer differs
	excluded  []Exclusion         // what is not here in the first place
	told      bool                // that tuning takes a moment
	unrounded map[string]bool     // classes that were told not to round to Q8; "": all
}

// times are milliseconds by class and kernel, as kept on disk.
type times map[string]laps

func newChooser(d *runtime.Device) *chooser {
	c := &chooser{dev: d, force: d.Switches().Force, times: times{}, decisions: map[string]Decision{}, forcedOps: map[string]bool{}, wrong: map[string]string{}, unrounded: map[string]bool{}}
	d.Recall(timesFile(), &c.times)
	for _, name := range c.force {
		if !slices.Contains(KernelNames(), name) {
			c.err = unknownKernel(name)
		}
	}
	return c
}

func timesFile() string { return "kernels-" + shadersHash() }

func unknownKernel(name string) error {
	return fmt.Errorf("ops: unknown kernel %q; known are %s", name, strings.Join(KernelNames(), ", "))
}

// ParseForce reads the names of kernels to force, separated by commas.
func ParseForce(list string) ([]string, error) {
	names := strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
	for _, n := range names {
		if !slices.Contains(KernelNames(), n) {
			return nil, unknownKernel(n)
		}
	}
	return names, nil
}

// Decisions are what was decided so far, on this device in this process or, as
// the times on disk show, before.
func (c *chooser) Decisions() []Decision {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := maps.Clone(c.decisions)
	for class, ms := range c.times {
		op, _, _ := strings.Cut(class, ", ")
		if _, known := all[class]; known || len(ms) == 0 || c.forcedOps[op] {
			continue
		}
		var timed []kernel[any]
		for _, name := range KernelNames() {
			if _, ok := ms[name]; ok {
				timed = append(timed, kernel[any]{name: name})
			}
		}
		if len(timed) > 0 {
			best := rank(timed, ms)[0].name
			all[class] = Decision{class, best, "fastest when it was timed: " + ms.of(best)}
		}
	}
	return slices.SortedFunc(maps.Values(all), func(a, b Decision) int { return strings.Compare(a.Class, b.Class) })
}

// Excluded are the kernels that are not in use here, but for those that are
// merely slower than others.
func (c *chooser) Excluded() []Exclusion {
	c.mu.Lock()
	defer c.mu.Unlock()
	list := slices.Clone(c.excluded)
	for _, k := range slices.Sorted(maps.Keys(c.wrong)) {
		list = append(list, Exclusion{k, "SWITCHED OFF: " + c.wrong[k], true})
	}
	return list
}

// A picker chooses among the kernels of a family.
type picker[Op any] struct {
	*chooser
	family[Op]
	able   []kernel[Op]            // those that the device can run, forced ones first
	forced int                     // how many of them are
	orders map[string][]kernel[Op] // by class
	right  map[string]bool         // by kernel and sample: it gave the known answer
	spent  time.Duration           // on tuning
}

func (p *picker[Op]) init(c *chooser, f family[Op]) {
	p.chooser, p.family = c, f
	p.orders, p.right = map[string][]kernel[Op]{}, map[string]bool{}
	for _, name := range c.force {
		i := slices.IndexFunc(f.kernels, func(k kernel[Op]) bool { return k.name == name })
		if i < 0 {
			continue // of another family
		}
		k := f.kernels[i]
		if lacks := k.lacks(c.dev); lacks != "" {
			c.err = fmt.Errorf("ops: kernel %s is forced, but %s lacks %s", name, c.dev.Info().Name, lacks)
		}
		p.able = append(p.able, k)
	}
	p.forced = len(p.able)
	c.forcedOps[p.op] = p.forced > 0 // times of before decide nothing then
	for _, k := range f.kernels {
		lacks, spare := k.lacks(c.dev), k.spare(c.dev)
		switch {
		case slices.Contains(c.force, k.name):
		case lacks != "":
			c.excluded = append(c.excluded, Exclusion{Kernel: k.name, Why: "needs " + lacks})
		case spare != "":
			c.excluded = append(c.excluded, Exclusion{Kernel: k.name, Why: spare})
		default:
			p.able = append(p.able, k)
		}
	}
}

// record has op done by the best kernel that takes it and answers right.
func (p *picker[Op]) record(r *runtime.Recorder, op Op) {
	if k, ok := p.chosen(r, op); ok {
		k.record(r, op)
	}
}

// chosen is that kernel, unless r has failed or fails for want of one.
func (p *picker[Op]) chosen(r *runtime.Recorder, op Op) (k kernel[Op], ok bool) {
	if r.Err() != nil {
		return k, false
	}
	pick := p.pick
	if r.Ahead() {
		pick = p.expected
	}
	k, err := pick(op)
	r.Fail(err)
	return k, err == nil
}

func (p *picker[Op]) pick(op Op) (kernel[Op], error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err != nil {
		return kernel[Op]{}, p.err
	}
	answers, work := p.alike(p.dev, op)
	why := []string{"none takes it"}
	for _, k := range p.order(op, work) {
		if !k.does(p.dev, op) {
			continue
		}
		if p.wrong[k.name] == "" && p.check(k, answers) == nil {
			return k, nil
		}
		why = append(why[:len(why):len(why)], k.name+": "+p.wrong[k.name])
	}
	if len(why) > 1 {
		why = why[1:]
	}
	return kernel[Op]{}, fmt.Errorf("ops: no kernel for %s (%s) works on %s: %s", p.op, p.class(op), p.dev.Info().Name, strings.Join(why, "; "))
}

// errNotExpected says that no kernel can be named without timing some, which is
// not done beside other work.
var errNotExpected = errors.New("ops: which kernel will be used is not known yet")

// expected is what pick will choose unless its answer is wrong. It runs nothing.
func (p *picker[Op]) expected(op Op) (kernel[Op], error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err == nil && p.settled(op) {
		for _, k := range p.order(op, nil) {
			if k.does(p.dev, op) && p.wrong[k.name] == "" {
				return k, nil
			}
		}
	}
	return kernel[Op]{}, errNotExpected
}

func (k kernel[Op]) does(d *runtime.Device, op Op) bool { return k.takes == nil || k.takes(d, op) }

// check holds the pipeline that the kernel will run against a known answer,
// once a process. A driver may answer from a cache of its own that has gone bad
// (Mesa's is blind to some settings), so that no verdict is kept any longer.
func (p *picker[Op]) check(k kernel[Op], answers []sample[Op]) error {
	for _, s := range answers {
		key := k.name + " " + s.String()
		if p.right[key] {
			return nil
		}
		res := s.of(k).run(p.dev)
		if errors.Is(res.Err, errNotTaken) {
			continue
		}
		if res.Err != nil {
			p.wrong[k.name] = fmt.Sprintf("%s: %v", s, res.Err)
			p.dev.Log().Warn("a kernel does not work on this device and is switched off", "kernel", k.name, "on", s.String(), "why", res.Err)
			return res.Err
		}
		p.right[key] = true
		return nil
	}
	panic(fmt.Sprintf("ops: kernel %s takes %s of %s but none of its samples", k.name, p.op, answers[0]))
}

// decide chooses for the usual operations.
func (p *picker[Op]) decide() error {
	for _, s := range p.usual {
		_, close, err := s.of(kernel[Op]{name: p.op, record: p.record}).program(p.dev)
		if err != nil {
			return err
		}
		close()
	}
	return nil
}

// first is what comes first in order for the usual operations.
func (p *picker[Op]) first() (list []Decision) {
	for _, s := range p.usual {
		a := p.dev.NewArena("usual")
		defer a.Close()
		l := &lab{r: p.dev.NewRecorder(p.op, runtime.Unprofiled()), pack: Packer{Arena: a, DType: runtime.F32}}
		s.of(kernel[Op]{record: func(_ *runtime.Recorder, op Op) {
			for i, k := range p.able {
				if k.does(p.dev, op) {
					why := "first in order, not timed yet"
					if i < p.forced {
						why = "forced"
					}
					list = append(list, Decision{p.op + ", " + p.class(op), k.name, why})
					break
				}
			}
		}}).record(l)
	}
	return list
}
