package main

import (
	"fmt"
	"runtime/debug"
)

type versionCmd struct{}

func (versionCmd) Run(c *console) error {
	_, err := fmt.Fprintln(c.out, "vkdual", version())
	return err
}

// version is what the Go toolchain recorded of the module, and of the commit
// where it was built in a checkout.
func version() string {
	b, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	v := b.Main.Version
	if v == "" || v == "(devel)" {
		v = "devel"
	}
	set := map[string]string{}
	for _, s := range b.Settings {
		set[s.Key] = s.Value
	}
	if r := set["vcs.revision"]; r != "" {
		v += " " + r[:min(12, len(r))]
		if set["vcs.modified"] == "true" {
			v += " modified"
		}
	}
	return fmt.Sprintf("%s, %s %s/%s", v, b.GoVersion, set["GOOS"], set["GOARCH"])
}
