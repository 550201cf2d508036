package main

import (
	"fmt"
	"strings"
)

// examples is the end of a command's help: pairs of a command line and what it does.
func examples(pairs ...string) string {
	var b strings.Builder
	b.WriteString("Examples:\n")
	for i := 0; i < len(pairs); i += 2 {
		fmt.Fprintf(&b, "\n    %s\n", pairs[i])
		fmt.Fprintf(&b, "        %s\n", pairs[i+1])
	}
	return b.String()
}
