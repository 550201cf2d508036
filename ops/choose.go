package ops

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

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
	first := len(c.choices)
	old := map[string]bool{} // verdicts from disk
	for _, k := range f.kernels {
		v := Choice{Op: f.op, Kernel: k.name}
		if k.needs != nil {
			v.Lacks = k.needs(c.dev.Info())
		}
		if known, ok := c.known[k.name]; ok && v.Lacks == "" {
			v, old[k.name] = known, true
		} else if v.Lacks == "" {
			v = f.judge(c.dev, v, k)
			c.known[k.name], c.news = v, true
		}
		c.choices = append(c.choices, v)
		if v.On() {
			good = append(good, k)
		}
	}
	verdicts := c.choices[first:]

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

// judge holds a kernel against its first known answer and times it.
func (f family[Op]) judge(d *runtime.Device, v Choice, k kernel[Op]) Choice {
	err := f.check(d, k)
	if err == nil {
		v.Few, err = f.time(d, k, true)
	}
	if err == nil {
		v.Many, err = f.time(d, k, false)
	}
	if err != nil {
		v.Wrong = err.Error()
	}
	return v
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

// time is a kernel's time in ms on the first work that it takes.
func (f family[Op]) time(d *runtime.Device, k kernel[Op], few bool) (float64, error) {
	for _, t := range f.work(k, few) {
		if ms, err := t.time(d); !errors.Is(err, errNotTaken) {
			return ms, err
		}
	}
	return 0, errNotTaken
}

func verdict(vs []Choice, name string) *Choice {
	return &vs[slices.IndexFunc(vs, func(v Choice) bool { return v.Kernel == name })]
}

// rank orders kernels by their time for little and for much work.
func rank[Op any](ks []kernel[Op], vs []Choice) ranking[Op] {
	by := func(ms func(*Choice) float64) []kernel[Op] {
		return slices.SortedStableFunc(slices.Values(ks), func(a, b kernel[Op]) int {
			return cmp.Compare(ms(verdict(vs, a.name)), ms(verdict(vs, b.name)))
		})
	}
	return ranking[Op]{
		few:  by(func(v *Choice) float64 { return v.Few }),
		many: by(func(v *Choice) float64 { return v.Many }),
	}
}
