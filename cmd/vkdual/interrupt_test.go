//go:build unix

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// A pipe that never ends is interrupted: what was finished is a valid file, and
// nothing else is left.
func TestAnInterruptKeepsWhatWasFinished(t *testing.T) {
	dir := t.TempDir()
	out := filepath.Join(dir, "out.jsonl")
	c := command(onDevice(t, "embed", "--texts-from", "-", "--batch", "1", "-o", out)...)
	stdin, err := c.StdinPipe()
	require.NoError(t, err)
	var stderr bytes.Buffer
	c.Stderr = &stderr
	require.NoError(t, c.Start())
	_, err = stdin.Write([]byte(strings.Repeat("some text\n", 200)))
	require.NoError(t, err)
	require.Eventually(t, func() bool { // until some of them are written
		files, err := filepath.Glob(out + ".tmp-*")
		require.NoError(t, err)
		if len(files) != 1 {
			return false
		}
		info, err := os.Stat(files[0])
		return err == nil && info.Size() > 0
	}, 2*time.Minute, 10*time.Millisecond)
	require.NoError(t, c.Process.Signal(unix.SIGINT))
	require.Error(t, c.Wait())
	require.Equal(t, 130, c.ProcessState.ExitCode(), stderr.String())
	require.Contains(t, stderr.String(), "vkdual: interrupted")
	text, err := os.ReadFile(out)
	require.NoError(t, err)
	done := jsonLines(t, string(text))
	require.NotEmpty(t, done)
	for _, l := range done {
		require.Equal(t, "some text", l.Source)
		require.Len(t, l.Embedding, 128)
	}
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, left, 1)
}
