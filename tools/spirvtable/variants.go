package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"
)

// variant is one module to be compiled from a shader.
type variant struct {
	name    string
	file    string   // the shader
	defines []string // -DMACRO=VALUE
	hash    string   // of all that the module depends on
}

var (
	variantLine = regexp.MustCompile(`(?m)^//\s*variant:\s*(\S+)[ \t]*(.*)$`)
	includeLine = regexp.MustCompile(`(?m)^\s*#\s*include\s+"([^"]+)"`)
	moduleName  = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	define      = regexp.MustCompile(`^-D[A-Za-z_][A-Za-z0-9_]*(=\S*)?$`)
)

// findVariants lists what shaders/ gives, sorted by module.
func findVariants(p paths) ([]variant, error) {
	pins, err := os.ReadFile(p.pins)
	if err != nil {
		return nil, err
	}
	files, err := filepath.Glob(filepath.Join(p.shaders, "*.comp"))
	if err != nil {
		return nil, err
	}
	var list []variant
	from := map[string]string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		sources, err := closure(p, file, nil)
		if err != nil {
			return nil, err
		}
		vs, err := variantsOf(file, string(text))
		if err != nil {
			return nil, err
		}
		for _, v := range vs {
			if other, twice := from[v.name]; twice {
				return nil, fmt.Errorf("module %s is given by %s and by %s", v.name, other, file)
			}
			from[v.name] = file
			v.hash, err = hash(p, v, sources, pins)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
	}
	sort.Slice(list, func(i, j int) bool { return list[i].name < list[j].name })
	return list, nil
}

// variantsOf reads the variant lines of a shader.
func variantsOf(file, text string) ([]variant, error) {
	lines := variantLine.FindAllStringSubmatch(strings.ReplaceAll(text, "\r\n", "\n"), -1)
	if lines == nil {
		lines = [][]string{{"", strings.TrimSuffix(filepath.Base(file), ".comp"), ""}}
	}
	var list []variant
	for _, l := range lines {
		v := variant{name: l[1], file: file, defines: strings.Fields(l[2])}
		if !moduleName.MatchString(v.name) {
			return nil, fmt.Errorf("%s: module %q: want lower-case letters, digits and _", file, v.name)
		}
		for _, d := range v.defines {
			if !define.MatchString(d) {
				return nil, fmt.Errorf("%s: variant %s: %q is not -DMACRO or -DMACRO=VALUE", file, v.name, d)
			}
		}
		list = append(list, v)
	}
	return list, nil
}

// closure lists a file and all that it includes, directly or not. An include is
// looked for beside the file, then in shaders/.
func closure(p paths, file string, seen []string) ([]string, error) {
	if slices.Contains(seen, file) {
		return seen, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	seen = append(seen, file)
	for _, m := range includeLine.FindAllStringSubmatch(string(text), -1) {
		next := filepath.Join(filepath.Dir(file), m[1])
		if _, err := os.Stat(next); err != nil {
			next = filepath.Join(p.shaders, m[1])
		}
		if seen, err = closure(p, next, seen); err != nil {
			return nil, fmt.Errorf("%s includes %q: %w", file, m[1], err)
		}
	}
	return seen, nil
}

// hash is over every source with its path, the flags and the compiler's pins.
// Line ends do not count, so that a checkout on Windows is not stale.
func hash(p paths, v variant, sources []string, pins []byte) (string, error) {
	h := sha256.New()
	write := func(s string) { fmt.Fprintf(h, "%d:%s", len(s), s) }
	write(v.name)
	write(strings.Join(v.defines, " "))
	write(strings.Join(slices.Concat(compileFlags, optimizeFlags), " "))
	write(normal(pins))
	sources = slices.Sorted(slices.Values(sources))
	for _, s := range sources {
		text, err := os.ReadFile(s)
		if err != nil {
			return "", err
		}
		name, err := filepath.Rel(p.shaders, s)
		if err != nil {
			return "", err
		}
		write(filepath.ToSlash(name))
		write(normal(text))
	}
	return hex.EncodeToString(h.Sum(nil)[:16]), nil
}

func normal(text []byte) string { return strings.ReplaceAll(string(text), "\r\n", "\n") }
