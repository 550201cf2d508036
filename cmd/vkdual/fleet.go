package main

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/vkdual/vkdual/dualencoder"
	"github.com/vkdual/vkdual/ops"
	"github.com/vkdual/vkdual/runtime"
	"github.com/vkdual/vkdual/vk"
)

// A fleet is the devices that a command runs on, with what is to be done when
// they are closed.
type fleet struct {
	devices   []*runtime.Device
	trace     *runtime.Trace
	traceFile *output
	profile   bool // print one at the end
}

// opened is a fleet of one.
type opened struct {
	*runtime.Device
	fleet *fleet
}

func (d *opened) close(c *console, err error) error { return d.fleet.close(c, err) }

// open opens the one device that the flags ask for, and says which. The caller
// ends with close.
func (f deviceFlags) open(c *console) (*opened, error) {
	d, err := f.openSome(c, 1)
	if err != nil {
		return nil, err
	}
	return &opened{d.devices[0], d}, nil
}

// openAll opens all devices that the flags ask for, as open opens one.
func (f deviceFlags) openAll(c *console) (*fleet, error) { return f.openSome(c, math.MaxInt) }

// openSome opens the devices that the flags ask for, if they are no more than most.
func (f deviceFlags) openSome(c *console, most int) (_ *fleet, err error) {
	o, err := f.options(c)
	if err != nil {
		return nil, err
	}
	all, err := runtime.List(o)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(x runtime.Candidate) bool { return !x.Picked })
	if len(all) > most {
		return nil, usagef("--device %s: these are %d devices, and this command runs on %d", f.Device, len(all), most)
	}
	d := &fleet{trace: o.Trace, profile: f.Profile}
	defer func() {
		if err != nil {
			d.discard()
		}
	}()
	if f.Trace != "" {
		if d.traceFile, err = c.create(f.Trace); err != nil {
			return nil, fmt.Errorf("--trace: %w", err)
		}
	}
	for _, x := range all {
		o.Device = x.Want
		if err := d.add(c, o); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// add opens one more device.
func (d *fleet) add(c *console, o runtime.Options) error {
	x, err := runtime.Open(o)
	if err != nil {
		return err
	}
	d.devices = append(d.devices, x)
	if err := ops.Kernels(x).Err(); err != nil {
		return fmt.Errorf("--force: %w", err)
	}
	i := x.Info()
	if d.profile && i.TimestampBits == 0 {
		return fmt.Errorf("--profile: %s has no timestamps", i.Name)
	}
	c.note("running on %s, %v, %s%s", i.Name, i.Type, x.Why(), slow(i))
	return nil
}

// discard closes what is open, without a trace.
func (d *fleet) discard() {
	for _, x := range d.devices {
		x.Close()
	}
	if d.traceFile != nil {
		d.traceFile.discard()
	}
}

// close ends the use of the devices: it prints the profile, writes the trace,
// and reports what validation found, in addition to err.
func (d *fleet) close(c *console, err error) error {
	for _, x := range d.devices {
		if d.profile {
			c.note("profile of %s\n%s", x.Info().Name, profileTable(x.Profile()))
		}
		if said := x.Messages(); len(said) > 0 {
			err = errors.Join(err, fmt.Errorf("the validation layer said %d things, the first: %v", len(said), said[0]))
		}
		x.Close()
	}
	if d.traceFile == nil {
		return err
	}
	return errors.Join(err, d.trace.Write(d.traceFile), d.traceFile.commit())
}

// openPool opens the model in a folder, or one side of it, on every device. The caller closes the
// models, before the fleet.
func (f modelFlags) openPool(c *console, d *fleet, from folderFlag, side dualencoder.Side) (pool *dualencoder.Pool, close func(), err error) {
	files, name, err := from.folder(c)
	if err != nil {
		return nil, nil, err
	}
	o := f.options()
	o.Name, o.Side = name, side
	var models []*dualencoder.Model
	close = func() {
		for _, m := range models {
			m.Close()
		}
	}
	for _, x := range d.devices {
		m, err := dualencoder.OpenFS(x, files, o)
		if err != nil {
			close()
			return nil, nil, err
		}
		models = append(models, m)
	}
	if pool, err = dualencoder.NewPool(models...); err != nil {
		close()
	}
	return pool, close, err
}

// noteLoads tells what each of several devices did.
func (c *console) noteLoads(p *dualencoder.Pool) {
	loads := p.Loads()
	if len(loads) < 2 {
		return
	}
	for _, l := range loads {
		rate := ""
		if l.Busy > 0 {
			rate = fmt.Sprintf(", %.3g a second", float64(l.Inputs)/l.Busy.Seconds())
		}
		c.note("%s embedded %d%s", l.Model.Device().Info().Name, l.Inputs, rate)
	}
}

// slow warns of software drivers.
func slow(i *vk.Info) string {
	if i.Type != vk.CPU {
		return ""
	}
	return "; a software driver: right, but slow"
}
