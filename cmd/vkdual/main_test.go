package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/vkdual/vkdual/runtime"
)

const (
	pictureFiles = "../../testdata/pictures"
	modelFiles   = "../../testdata/models"
	rocket       = pictureFiles + "/rocket.png"
)

// asProgram makes the test binary behave as the program, for what only a
// process of its own shows: see command.
const asProgram = "VKDUAL_TEST_AS_PROGRAM"

// TestMain keeps the caches of the tests in a folder of their own. The commands
// run on the default device, or on the one that VKDUAL_DEVICE names.
func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "vkdual-cli-*")
		if err != nil {
			panic(err)
		}
		defer os.RemoveAll(dir)
		os.Setenv("XDG_CACHE_HOME", dir)
		return m.Run()
	}())
}

// command is the program as a process.
func command(args ...string) *exec.Cmd {
	c := exec.Command(os.Args[0], args...)
	c.Env = append(os.Environ(), asProgram+"=1")
	return c
}

// A result is what a command left.
type result struct {
	status      int
	out, stderr string
}

// lines of standard output.
func (r result) lines() []string { return strings.Split(strings.TrimSuffix(r.out, "\n"), "\n") }

// vkdual runs a command line.
func vkdual(t testing.TB, args ...string) result { return vkdualFrom(t, "", args...) }

// vkdualFrom runs a command line with something on its standard input.
func vkdualFrom(t testing.TB, stdin string, args ...string) result {
	t.Helper()
	var out, stderr bytes.Buffer
	status := run(context.Background(), args, strings.NewReader(stdin), &out, &stderr)
	return result{status, out.String(), stderr.String()}
}

// needDevice skips where there is no device, unless the suite requires one.
func needDevice(t testing.TB) {
	t.Helper()
	if _, err := runtime.List(runtime.Options{}); err != nil {
		if os.Getenv("VKDUAL_REQUIRE_DEVICE") == "1" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
}

// onDevice adds validation to the flags where the suite asks for it.
func onDevice(t testing.TB, args ...string) []string {
	needDevice(t)
	if os.Getenv("VKDUAL_VALIDATE") == "1" {
		args = append(args, "--validate")
	}
	return args
}

// write makes a file in a folder of the test's own.
func write(t testing.TB, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(content), 0o666))
	return path
}
