package main

import (
	"time"

	"github.com/vkdual/vkdual/ops"
	"github.com/vkdual/vkdual/runtime"
)

// set reads the flags into s.
func (f kernelFlags) set(s *runtime.Switches) (err error) {
	if s.Without, err = runtime.ParseWithout(f.Without); err != nil {
		return usagef("--without: %v", err)
	}
	if s.Force, err = ops.ParseForce(f.Force); err != nil {
		return usagef("--force: %v", err)
	}
	if f.Tune == "off" {
		s.Tune = -1
		return nil
	}
	if s.Tune, err = time.ParseDuration(f.Tune); err != nil || s.Tune <= 0 {
		return usagef("--tune %s: want a time such as 3s, or off", f.Tune)
	}
	return nil
}
