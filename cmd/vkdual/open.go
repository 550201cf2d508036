package main

import (
	"github.com/vkdual/vkdual/dualencoder"
	"github.com/vkdual/vkdual/dualencoder/imageprocessor/pillow"
	"github.com/vkdual/vkdual/runtime"
)

// options are what the flags come to.
func (f deviceFlags) options(c *console) (runtime.Options, error) {
	o := runtime.Options{Device: f.Device, Log: c.log(f.Verbose)}
	o.Switches.Validate, o.Switches.Profile = f.Validate, f.Profile
	if f.NoCache {
		o.CacheDir = "off"
	}
	if f.Trace != "" {
		o.Trace = runtime.NewTrace()
	}
	return o, f.kernelFlags.set(&o.Switches)
}

// check holds the flags against each other.
func (f numberFlags) check() error {
	if f.Compute == "q8" && f.DType != "q8" {
		return usagef("--compute q8 is for products with weights of --dtype q8, not %s", f.DType)
	}
	return nil
}

// check holds the flags' numbers against what is allowed.
func (f modelFlags) check() error {
	if err := f.numberFlags.check(); err != nil {
		return err
	}
	if f.Batch != nil && *f.Batch < 1 {
		return usagef("--batch %d: want 1 or more", *f.Batch)
	}
	return nil
}

func (f modelFlags) options() dualencoder.Options {
	o := dualencoder.Options{Strict: f.Strict, DType: dtype(f.DType), Compute: dtype(f.Compute), PositionIDs: dualencoder.PositionIDs(f.PositionIDs)}
	if f.Batch != nil {
		o.MaxBatch = *f.Batch
	}
	return o
}

// dtype is the type of that name; flags let no other through.
func dtype(name string) runtime.DType {
	for _, t := range dualencoder.DTypes() {
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
	return pillow.DecodeOptions{MaxPixels: f.MaxPixels, ApplyEXIF: f.EXIFRotate, AllowTruncated: f.Truncated}, nil
}
