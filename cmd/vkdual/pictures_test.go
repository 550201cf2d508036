package main

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestATruncatedPictureIsReadOnlyWhenAllowed(t *testing.T) {
	data, err := os.ReadFile(rocket)
	require.NoError(t, err)
	half := write(t, "half.jpg", string(data[:len(data)/2])) // a PNG, whatever its name says
	out := t.TempDir() + "/x.safetensors"
	r := vkdual(t, "process", half, out)
	require.Equal(t, 1, r.status)
	require.Contains(t, r.stderr, half+": PNG: truncated")
	require.NoFileExists(t, out)
	r = vkdual(t, "process", "--allow-truncated", half, out)
	require.Zero(t, r.status, r.stderr)
	require.FileExists(t, out)
}
