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

func TestNamesThatStandForNoPicture(t *testing.T) {
	dir := t.TempDir()
	data, err := os.ReadFile(rocket)
	require.NoError(t, err)
	require.NoError(t, os.Mkdir(dir+"/in", 0o700))
	require.NoError(t, os.WriteFile(dir+"/in/a.txt", data, 0o600)) // content decides
	require.NoError(t, os.Symlink("..", dir+"/in/again"))          // a folder that contains itself
	require.NoError(t, os.Symlink("self.png", dir+"/self.png"))
	require.NoError(t, os.WriteFile(dir+"/empty.png", nil, 0o600))
	r := vkdual(t, onDevice(t, "embed", "--image", dir+"/in", dir+"/self.png", dir+"/empty.png", dir+"/none.png")...)
	require.Equal(t, 1, r.status)
	require.Len(t, jsonLines(t, r.out), 1)
	require.Contains(t, r.stderr, dir+"/self.png: too many levels of symbolic links")
	require.Contains(t, r.stderr, dir+"/empty.png: 0 bytes, want a picture")
	require.Contains(t, r.stderr, dir+"/none.png: no such file or directory")
	if os.Getuid() != 0 { // to whom nothing is forbidden
		require.NoError(t, os.Chmod(dir+"/in/a.txt", 0))
		r = vkdual(t, "process", dir+"/in/a.txt", dir+"/x.safetensors")
		require.Equal(t, 1, r.status)
		require.Contains(t, r.stderr, dir+"/in/a.txt: permission denied")
	}
}
