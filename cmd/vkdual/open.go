package main

import (
	"errors"
	"fmt"

	"github.com/vkdual/vkdual/dualencoder"
	"github.com/vkdual/vkdual/dualencoder/imageprocessor/pillow"
	"github.com/vkdual/vkdual/ops"
	"github.com/vkdual/vkdual/runtime"
	"github.com/vkdual/vkdual/vk"
)

// options are what the flags come to.
func (f deviceFlags) options(c *console) (runtime.Options, error) {
	o := runtime.Options{Device: f.Device, Log: c.log(f.Verbose)}
	o.Switches.Validate = f.Validate
	if f.NoCache {
		o.CacheDir = "off"
	}
	if f.Trace != "" {
		o.Trace = runtime.NewTrace()
	}
	return o, f.kernelFlags.set(&o.Switches)
}

// open opens the device and says which one it is. The caller ends with close.
func (f deviceFlags) open(c *console) (*opened, error) {
	o, err := f.options(c)
	if err != nil {
		return nil, err
	}
	return openDevice(c, o, f.Trace)
}

// An opened device, with what is to be done when it is closed.
type opened struct {
	*runtime.Device
	trace     *runtime.Trace
	traceFile *output
}

func openDevice(c *console, o runtime.Options, traceFile string) (_ *opened, err error) {
	out := &opened{trace: o.Trace}
	if o.Trace != nil {
		if out.traceFile, err = c.create(traceFile); err != nil {
			return nil, fmt.Errorf("--trace: %w", err)
		}
	}
	if out.Device, err = runtime.Open(o); err != nil {
		if o.Trace != nil {
			out.traceFile.discard()
		}
		return nil, err
	}
	if err := ops.Kernels(out.Device).Err(); err != nil {
		if o.Trace != nil {
			out.traceFile.discard()
		}
		out.Device.Close()
		return nil, fmt.Errorf("--force: %w", err)
	}
	i := out.Info()
	c.note("running on %s, %v, %s%s", i.Name, i.Type, out.Why(), slow(i))
	return out, nil
}

// slow warns of software drivers.
func slow(i *vk.Info) string {
	if i.Type != vk.CPU {
		return ""
	}
	return "; a software driver: right, but slow"
}

// close ends the use of the device: it writes the trace, and reports what
// validation found, in addition to err.
func (d *opened) close(err error) error {
	messages := d.Messages()
	d.Device.Close()
	if n := len(messages); n > 0 {
		err = errors.Join(err, fmt.Errorf("the validation layer said %d things, the first: %v", n, messages[0]))
	}
	if d.trace == nil {
		return err
	}
	return errors.Join(err, d.trace.Write(d.traceFile), d.traceFile.commit())
}

// check holds the flags' numbers against what is allowed.
func (f modelFlags) check() error {
	if f.Batch < 1 {
		return usagef("--batch %d: want 1 or more", f.Batch)
	}
	return nil
}

func (f modelFlags) options() dualencoder.Options {
	o := dualencoder.Options{Strict: f.Strict, MaxBatch: f.Batch, DType: dtype(f.DType), Compute: dtype(f.Compute), PositionIDs: dualencoder.PositionIDs(f.PositionIDs)}
	return o
}

// dtype is the type of that name; flags let no other through.
func dtype(name string) runtime.DType {
	for _, t := range []runtime.DType{runtime.F16, runtime.BF16} {
		if t.String() == name {
			return t
		}
	}
	return runtime.F32
}

// open opens the model in a folder on a device.
func (f modelFlags) open(c *console, d *opened, from folderFlag) (*dualencoder.Model, error) {
	files, name, err := from.folder(c)
	if err != nil {
		return nil, err
	}
	o := f.options()
	o.Name = name
	return dualencoder.OpenFS(d.Device, files, o)
}

func (f decodeFlags) options() (pillow.DecodeOptions, error) {
	if f.MaxPixels < 1 {
		return pillow.DecodeOptions{}, usagef("--max-pixels %d: want 1 or more", f.MaxPixels)
	}
	return pillow.DecodeOptions{MaxPixels: f.MaxPixels, ApplyEXIF: f.EXIFRotate}, nil
}
