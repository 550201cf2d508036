package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"
)

type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"The shell: ${enum}."`
}

func (completionCmd) Help() string {
	return examples(
		"source <(vkdual completion bash)", "complete in this shell; put the line into ~/.bashrc to keep it",
		"vkdual completion zsh > ~/.zfunc/_vkdual", "for zsh, where ~/.zfunc is in fpath",
		"vkdual completion fish > ~/.config/fish/completions/vkdual.fish", "for fish",
	)
}

func (s completionCmd) Run(c *console, k *kong.Kong) error {
	switch s.Shell {
	case "bash":
		return bashCompletion(c.out, k.Model)
	case "zsh":
		return zshCompletion(c.out, k.Model)
	default:
		return fishCompletion(c.out, k.Model)
	}
}

// flagsOf lists what a command understands.
func flagsOf(n *kong.Node) []*kong.Flag {
	var flags []*kong.Flag
	for _, group := range n.AllFlags(true) {
		flags = append(flags, group...)
	}
	return flags
}

// takesFolder tells flags whose value is a folder.
func takesFolder(f *kong.Flag) bool { return f.PlaceHolder == "DIR" }

// takesFile tells flags whose value is a file, of any kind.
func takesFile(f *kong.Flag) bool {
	return strings.Contains(f.PlaceHolder, "FILE") || f.PlaceHolder == "OUT"
}

func values(f *kong.Flag) []string {
	if f.Enum == "" {
		return nil
	}
	return strings.Split(f.Enum, ",")
}

func summary(help string) string {
	s, _, _ := strings.Cut(help, ". ")
	s, _, _ = strings.Cut(s, ": $")
	return strings.TrimSuffix(strings.NewReplacer("'", "’", "\n", " ", "[", "(", "]", ")", ":", " –").Replace(s), ".")
}

func bashCompletion(w io.Writer, app *kong.Application) error {
	var b strings.Builder
	var names []string
	for _, n := range app.Children {
		names = append(names, n.Name)
	}
	b.WriteString(`_vkdual() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} words=
  COMPREPLY=()
  [[ $cur == = ]] && cur=
  [[ $prev == = ]] && prev=${COMP_WORDS[COMP_CWORD-2]}
  if [[ $COMP_CWORD -eq 1 ]]; then
`)
	fmt.Fprintf(&b, "    COMPREPLY=($(compgen -W '%s --help' -- \"$cur\")); return\n  fi\n", strings.Join(names, " "))
	b.WriteString("  case ${COMP_WORDS[1]} in\n")
	for _, n := range app.Children {
		var flags []string
		var special strings.Builder
		for _, f := range flagsOf(n) {
			flags = append(flags, "--"+f.Name)
			switch {
			case values(f) != nil:
				fmt.Fprintf(&special, "      --%s) COMPREPLY=($(compgen -W '%s' -- \"$cur\")); return ;;\n", f.Name, strings.Join(values(f), " "))
			case takesFolder(f):
				fmt.Fprintf(&special, "      --%s) COMPREPLY=($(compgen -d -- \"$cur\")); return ;;\n", f.Name)
			case takesFile(f):
				fmt.Fprintf(&special, "      --%s) COMPREPLY=($(compgen -f -- \"$cur\")); return ;;\n", f.Name)
			}
		}
		fmt.Fprintf(&b, "  %s)\n    words='%s'\n", n.Name, strings.Join(append(flags, arguments(n)...), " "))
		if special.Len() > 0 {
			fmt.Fprintf(&b, "    case $prev in\n%s    esac\n", special.String())
		}
		b.WriteString("    ;;\n")
	}
	b.WriteString(`  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
  [[ $cur == -* ]] || COMPREPLY+=($(compgen -f -- "$cur"))
}
complete -o filenames -F _vkdual vkdual
`)
	_, err := io.WriteString(w, b.String())
	return err
}

// arguments are the words that a command's arguments may be.
func arguments(n *kong.Node) (words []string) {
	for _, p := range n.Positional {
		if p.Enum != "" {
			words = append(words, strings.Split(p.Enum, ",")...)
		}
	}
	return words
}

func zshCompletion(w io.Writer, app *kong.Application) error {
	var b strings.Builder
	b.WriteString("#compdef vkdual\n_vkdual() {\n  local -a commands\n  commands=(\n")
	for _, n := range app.Children {
		fmt.Fprintf(&b, "    '%s:%s'\n", n.Name, summary(n.Help))
	}
	b.WriteString("  )\n  if (( CURRENT == 2 )); then\n    _describe command commands\n    return\n  fi\n  local command=$words[2]\n  shift words\n  (( CURRENT-- ))\n  case $command in\n")
	for _, n := range app.Children {
		fmt.Fprintf(&b, "  %s)\n    _arguments", n.Name)
		for _, f := range flagsOf(n) {
			many := ""
			if f.IsSlice() {
				many = "*"
			}
			fmt.Fprintf(&b, " \\\n      '%s--%s", many, f.Name)
			if f.IsBool() {
				fmt.Fprintf(&b, "[%s]'", summary(f.Help))
				continue
			}
			fmt.Fprintf(&b, "=[%s]:%s:", summary(f.Help), strings.ToLower(f.Name))
			switch {
			case values(f) != nil:
				fmt.Fprintf(&b, "(%s)", strings.Join(values(f), " "))
			case takesFolder(f):
				b.WriteString("_files -/")
			case takesFile(f):
				b.WriteString("_files")
			}
			b.WriteString("'")
		}
		if words := arguments(n); words != nil {
			fmt.Fprintf(&b, " \\\n      '*:word:(%s)'\n", strings.Join(words, " "))
		} else {
			b.WriteString(" \\\n      '*:file:_files'\n")
		}
		b.WriteString("    ;;\n")
	}
	b.WriteString("  esac\n}\nif [[ $zsh_eval_context[-1] == loadautofunc ]]; then\n  _vkdual \"$@\"\nelse\n  compdef _vkdual vkdual\nfi\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func fishCompletion(w io.Writer, app *kong.Application) error {
	var b strings.Builder
	for _, n := range app.Children {
		fmt.Fprintf(&b, "complete -c vkdual -n __fish_use_subcommand -f -a %s -d '%s'\n", n.Name, summary(n.Help))
	}
	for _, n := range app.Children {
		when := fmt.Sprintf("complete -c vkdual -n '__fish_seen_subcommand_from %s'", n.Name)
		for _, f := range flagsOf(n) {
			fmt.Fprintf(&b, "%s -l %s", when, f.Name)
			if f.Short != 0 {
				fmt.Fprintf(&b, " -s %c", f.Short)
			}
			switch {
			case f.IsBool():
			case values(f) != nil:
				fmt.Fprintf(&b, " -x -a '%s'", strings.Join(values(f), " "))
			case takesFolder(f):
				b.WriteString(" -x -a '(__fish_complete_directories)'")
			case takesFile(f):
				b.WriteString(" -r -F")
			default:
				b.WriteString(" -x")
			}
			fmt.Fprintf(&b, " -d '%s'\n", summary(f.Help))
		}
		if words := arguments(n); words != nil {
			fmt.Fprintf(&b, "%s -f -a '%s'\n", when, strings.Join(words, " "))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
