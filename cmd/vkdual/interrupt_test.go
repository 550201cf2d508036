//go:build unix

package main

import (
	"bytes"
	"fmt"
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
	t.Run("jsonl", func(t *testing.T) {
		done := jsonLines(t, string(interrupted(t, "out.jsonl")))
		require.NotEmpty(t, done)
		for _, l := range done {
			require.Equal(t, "some text", l.Source)
			require.Len(t, l.Embedding, 128)
		}
	})
	t.Run("npy", func(t *testing.T) {
		matrix := interrupted(t, "out.npy")
		rows := (len(matrix) - 128) / (4 * 128)
		require.Positive(t, rows)
		require.Len(t, matrix, 128+4*128*rows)
		require.Contains(t, string(matrix[:128]), fmt.Sprintf("'shape': (%d, 128)", rows))
	})
}

// interrupted embeds texts without end into a file of that name, interrupts it
// when some are written, and gives the file's content.
func interrupted(t *testing.T, name string) []byte {
	dir := t.TempDir()
	out := filepath.Join(dir, name)
	c := command(onDevice(t, "embed", "--texts-from", "-", "--batch", "1", "-o", out)...)
	stdin, err := c.StdinPipe()
	require.NoError(t, err)
	var stderr bytes.Buffer
	c.Stderr = &stderr
	require.NoError(t, c.Start())
	// More than a buffer of rows, so that some reach the file.
	_, err = stdin.Write([]byte(strings.Repeat("some text\n", 200)))
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		files, err := filepath.Glob(out + ".tmp-*")
		require.NoError(t, err)
		if len(files) != 1 {
			return false
		}
		info, err := os.Stat(files[0])
		return err == nil && info.Size() > 4096 // npy begins with a header of 128 bytes
	}, 2*time.Minute, 10*time.Millisecond)
	require.NoError(t, c.Process.Signal(unix.SIGINT))
	require.Error(t, c.Wait())
	require.Equal(t, 130, c.ProcessState.ExitCode(), stderr.String())
	require.Contains(t, stderr.String(), "vkdual: interrupted")
	content, err := os.ReadFile(out)
	require.NoError(t, err)
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, left, 1)
	return content
}
