package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// compiler is the folder of the three tools.
type compiler struct{ bin string }

// The names of things are needed for the table and stripped after.
var compileFlags = []string{"-V", "--target-env", "vulkan1.1", "--quiet"}

// optimizeFlags are spirv-opt's passes. Drivers inline and fold by themselves,
// but software drivers do not unroll, and keep an array that is indexed by a
// loop in memory: so loops marked [[unroll]] are unrolled here and the arrays
// that then have only constant indices become scalars. Bindings and
// specialization constants stay even where a variant does not use them.
var optimizeFlags = []string{
	"--target-env=vulkan1.1", "--preserve-bindings", "--preserve-spec-constants",
	"--wrap-opkill", "--eliminate-dead-branches", "--merge-return",
	"--inline-entry-points-exhaustive", "--eliminate-dead-functions",
	"--private-to-local", "--eliminate-local-single-block", "--eliminate-local-single-store",
	"--eliminate-dead-code-aggressive", "--scalar-replacement=0", "--convert-local-access-chains",
	"--ssa-rewrite", "--ccp",
	"--loop-unroll", "--eliminate-dead-branches", "--simplify-instructions",
	"--scalar-replacement=0", "--convert-local-access-chains", "--ssa-rewrite", "--ccp",
	"--loop-unroll", "--eliminate-dead-branches", "--simplify-instructions",
	"--scalar-replacement=0", "--convert-local-access-chains", "--ssa-rewrite",
	"--redundancy-elimination", "--combine-access-chains", "--simplify-instructions",
	"--vector-dce", "--eliminate-dead-inserts", "--eliminate-dead-branches", "--merge-blocks",
	"--eliminate-dead-code-aggressive", "--cfg-cleanup",
	"--strip-debug", "--compact-ids",
}

// compile returns the module with its names, as the front end made it, and the
// optimized module without.
func (c compiler) compile(p paths, v variant) (named, code []byte, err error) {
	dir, err := os.MkdirTemp("", "spirvtable-*")
	if err != nil {
		return nil, nil, err
	}
	defer os.RemoveAll(dir)
	first, last := filepath.Join(dir, "named.spv"), filepath.Join(dir, "code.spv")
	for _, command := range [][]string{
		slices.Concat([]string{"glslangValidator"}, compileFlags, []string{"-I" + p.shaders}, v.defines, []string{"-o", first, v.file}),
		slices.Concat([]string{"spirv-opt"}, optimizeFlags, []string{first, "-o", last}),
		{"spirv-val", "--target-env", "vulkan1.1", last},
	} {
		out, err := exec.Command(filepath.Join(c.bin, command[0]), command[1:]...).CombinedOutput()
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			return nil, nil, fmt.Errorf("%s\n%s", strings.Join(command, " "), out)
		}
		if err != nil {
			return nil, nil, err
		}
	}
	if named, err = os.ReadFile(first); err != nil {
		return nil, nil, err
	}
	code, err = os.ReadFile(last)
	return named, code, err
}
