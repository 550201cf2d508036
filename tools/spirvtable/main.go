// Command spirvtable compiles the shaders that changed and writes
// spirv/table.go, reflected from the SPIR-V. tools/glslc.sh runs it with the
// pinned compiler.
//
// Each shaders/NAME.comp gives the module NAME, or, when lines of its first
// comment say so, one module for each
//
//	// variant: MODULE [-DMACRO[=VALUE] …]
//
// A module is compiled again when the hash of its sources, its flags or the
// compiler's version differs from the one in the table.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

// paths are the places in the repository, relative to its root.
type paths struct{ shaders, spirv, pins string }

func repository(root string) paths {
	return paths{
		shaders: filepath.Join(root, "shaders"),
		spirv:   filepath.Join(root, "spirv"),
		pins:    filepath.Join(root, "tools", "glslc.requirements.txt"),
	}
}

func (p paths) module(name string) string { return filepath.Join(p.spirv, name+".spv") }
func (p paths) table() string             { return filepath.Join(p.spirv, "table.go") }

func main() {
	bin := flag.String("bin", "build/glslc/bin", "folder of glslangValidator, spirv-opt and spirv-val")
	all := flag.Bool("all", false, "compile what is up to date, too")
	flag.Parse()
	failed, err := run(repository("."), compiler{*bin}, *all)
	if err != nil {
		fmt.Fprintln(os.Stderr, "spirvtable:", err)
		os.Exit(1)
	}
	if failed > 0 {
		fmt.Fprintf(os.Stderr, "spirvtable: %d modules failed; the others are up to date\n", failed)
		os.Exit(1)
	}
}

// run compiles and writes the table. A shader that fails is reported and keeps
// what the table said of it before, so that it is still known to be stale.
func run(p paths, c compiler, all bool) (failed int, err error) {
	variants, err := findVariants(p)
	if err != nil {
		return 0, err
	}
	old, err := readTable(p.table())
	if err != nil {
		return 0, err
	}
	var modules []entry
	compiled := 0
	for _, v := range variants {
		_, missing := os.Stat(p.module(v.name))
		before, known := old[v.name]
		if !all && missing == nil && known && before.SourceHash == v.hash {
			modules = append(modules, before)
			continue
		}
		m, err := build(p, c, v)
		if err != nil {
			failed++
			fmt.Fprintf(os.Stderr, "%s: %v\n", v.name, err)
			if known && missing == nil {
				modules = append(modules, before)
			}
			continue
		}
		fmt.Println("compiled", v.name)
		compiled++
		modules = append(modules, m)
	}
	if err := removeOthers(p, modules); err != nil {
		return failed, err
	}
	fmt.Printf("%d modules, %d compiled\n", len(modules), compiled)
	return failed, writeTable(p.table(), modules)
}

// build compiles, reflects and installs one module.
func build(p paths, c compiler, v variant) (entry, error) {
	named, code, err := c.compile(p, v)
	if err != nil {
		return entry{}, err
	}
	m, err := reflectModule(named, code)
	if err != nil {
		return entry{}, err
	}
	m.Name, m.SourceHash = v.name, v.hash
	return entry{Name: v.name, SourceHash: v.hash, text: m.source()}, writeFile(p.module(v.name), code)
}

// removeOthers deletes modules that no shader gives any more.
func removeOthers(p paths, modules []entry) error {
	known := map[string]bool{}
	for _, m := range modules {
		known[p.module(m.Name)] = true
	}
	files, err := filepath.Glob(p.module("*"))
	if err != nil {
		return err
	}
	for _, f := range files {
		if !known[f] {
			fmt.Println("removed", f)
			if err := os.Remove(f); err != nil {
				return err
			}
		}
	}
	return nil
}

// writeFile replaces a file at once, so that no reader sees half of it.
func writeFile(path string, data []byte) error {
	tmp := path + ".tmp"
	if err := os.WriteFile(tmp, data, 0o644); err != nil {
		return err
	}
	return os.Rename(tmp, path)
}
