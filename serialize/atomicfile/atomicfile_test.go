package atomicfile_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/vkdual/vkdual/serialize/atomicfile"
)

func only(t *testing.T, folder string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	var found []string
	for _, e := range entries {
		found = append(found, e.Name())
	}
	require.Equal(t, names, found)
}

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	}
}

func TestOldOrNew(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "out")
	require.NoError(t, atomicfile.Write(path, text("one")))
	require.NoError(t, os.Chmod(path, 0o640))

	failure := errors.New("half way")
	err := atomicfile.Write(path, func(w io.Writer) error {
		_, err := io.WriteString(w, "never seen")
		return errors.Join(err, failure)
	})
	require.ErrorIs(t, err, failure)
	only(t, folder, "out")
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "one", string(got))

	require.NoError(t, atomicfile.Write(path, text("two")))
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o640), info.Mode())
	only(t, folder, "out")
}

func TestLinksAndDevices(t *testing.T) {
	folder := t.TempDir()
	real, link := filepath.Join(folder, "real"), filepath.Join(folder, "link")
	require.NoError(t, os.WriteFile(real, []byte("old"), 0o600))
	require.NoError(t, os.Symlink("real", link))
	require.NoError(t, atomicfile.Write(link, text("new")))
	got, err := os.ReadFile(real)
	require.NoError(t, err)
	require.Equal(t, "new", string(got))
	only(t, folder, "link", "real")

	require.NoError(t, atomicfile.Write(os.DevNull, text("x")))
	info, err := os.Stat(os.DevNull)
	require.NoError(t, err)
	require.False(t, info.Mode().IsRegular())

	require.ErrorContains(t, atomicfile.Write(folder, text("x")), "is a folder")
	require.ErrorIs(t, atomicfile.Write(filepath.Join(folder, "absent", "x"), text("x")), os.ErrNotExist)
}
