package main

import "github.com/vkdual/vkdual/runtime"

// without reads --without.
func without(list string) ([]string, error) {
	names, err := runtime.ParseWithout(list)
	if err != nil {
		return nil, usagef("--without: %v", err)
	}
	return names, nil
}
