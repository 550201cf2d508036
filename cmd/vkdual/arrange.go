package main

import (
	"strings"

	"github.com/alecthomas/kong"
)

// arrange puts a command's arguments behind its flags, since kong wants them
// in one piece: "classify a.png --label x b.png". Where a command has no
// arguments, a flag that may be repeated takes all that follows:
// "--image a.png b.png" becomes "--image=a.png --image=b.png".
func arrange(args []string, app *kong.Application) []string {
	command := commandOf(args, app)
	if command == nil {
		return args
	}
	flags := map[string]*kong.Flag{}
	for _, f := range flagsOf(command) {
		flags["--"+f.Name] = f
		if f.Short != 0 {
			flags["-"+string(f.Short)] = f
		}
	}
	out, rest := args[:1:1], []string(nil)
	several := "" // the flag that takes what follows
	for i := 1; i < len(args); i++ {
		a := args[i]
		if a == "--" {
			rest = append(rest, args[i:]...)
			break
		}
		if !isFlag(a) {
			if several != "" {
				out = append(out, several+"="+a)
			} else {
				rest = append(rest, a)
			}
			continue
		}
		out = append(out, a)
		name, _, attached := strings.Cut(a, "=")
		f := flags[name]
		several = ""
		if f == nil || f.IsBool() || f.IsCounter() {
			continue
		}
		if f.IsSlice() && len(command.Positional) == 0 {
			several = "--" + f.Name
		}
		if !attached && i+1 < len(args) && !isFlag(args[i+1]) {
			i++
			out = append(out, args[i])
		}
	}
	return append(out, rest...)
}

// isFlag reports whether a is spelled like a flag; "-" is standard input.
func isFlag(a string) bool { return strings.HasPrefix(a, "-") && a != "-" }

func commandOf(args []string, app *kong.Application) *kong.Node {
	if len(args) == 0 {
		return nil
	}
	for _, n := range app.Children {
		if n.Name == args[0] {
			return n
		}
	}
	return nil
}
