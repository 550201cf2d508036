package main

import (
	"errors"

	"github.com/vkdual/vkdual/runtime"
)

// inputFailed reports an input that failed; it gives an error where that ends
// the command: when strict, or when every further input would fail too. flag is
// what a name that is no file may have been meant for.
func (c *console) inputFailed(name string, err error, strict bool, flag string) error {
	if errors.Is(err, runtime.ErrDeviceLost) {
		return err
	}
	c.fail(name, notThere(err, flag))
	if strict {
		return errStrict
	}
	return nil
}

// errStrict ends a command after an error that was reported.
var errStrict = errors.New("stopped there (--strict)")
