package main

import "strings"

// severalValues lets --image and --text of commands without other arguments
// take all that follows: "--image a.png b.png" becomes "--image=a.png
// --image=b.png".
func severalValues(args []string) []string {
	if len(args) == 0 || args[0] != "embed" && args[0] != "tokenize" {
		return args
	}
	out := args[:1:1]
	flag := ""
	for i := 1; i < len(args); i++ {
		a := args[i]
		switch {
		case a == "--":
			return append(out, args[i:]...)
		case a == "--image" || a == "--text":
			flag = a
			if i+1 < len(args) && !strings.HasPrefix(args[i+1], "-") {
				continue
			}
			out = append(out, a) // the parser explains what is missing
			flag = ""
		case strings.HasPrefix(a, "--image=") || strings.HasPrefix(a, "--text="):
			flag, _, _ = strings.Cut(a, "=")
			out = append(out, a)
		case strings.HasPrefix(a, "-") && a != "-":
			flag = ""
			out = append(out, a)
			// A flag's own value is not one of the several: it only follows
			// where a flag is named, and then flag is "".
		case flag != "":
			out = append(out, flag+"="+a)
		default:
			out = append(out, a)
		}
	}
	return out
}
