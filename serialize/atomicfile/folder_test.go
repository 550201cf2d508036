package atomicfile_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/vkdual/vkdual/serialize/atomicfile"
)

func put(t testing.TB, dir, name, content string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(dir, 0o777))
	require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o666))
}

func list(t testing.TB, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		content, err := os.ReadFile(filepath.Join(dir, e.Name()))
		require.NoError(t, err)
		files[e.Name()] = string(content)
	}
	return files
}

func TestAFolderAppearsWhole(t *testing.T) {
	parent := filepath.Join(t.TempDir(), "deep")
	target := filepath.Join(parent, "out")
	none := func(string) bool { return false }
	f, err := atomicfile.CreateFolder(target+"/", false)
	require.NoError(t, err)
	put(t, f.Path(), "a", "1")
	require.NoDirExists(t, target)
	require.NoError(t, f.Commit(none))
	require.NoError(t, f.Discard())
	require.Equal(t, map[string]string{"a": "1"}, list(t, target))

	_, err = atomicfile.CreateFolder(target, false)
	var occupied *atomicfile.OccupiedError
	require.True(t, errors.As(err, &occupied))
	require.False(t, occupied.File)
	_, err = atomicfile.CreateFolder(filepath.Join(target, "a"), true)
	require.True(t, errors.As(err, &occupied))
	require.True(t, occupied.File)

	f, err = atomicfile.CreateFolder(target, true)
	require.NoError(t, err)
	put(t, f.Path(), "b", "2")
	require.NoError(t, f.Discard())
	require.NoError(t, f.Commit(none))
	require.Equal(t, map[string]string{"a": "1"}, list(t, target))

	put(t, target, "old-1", "x")
	put(t, target, "old-2", "x")
	f, err = atomicfile.CreateFolder(target, true)
	require.NoError(t, err)
	put(t, f.Path(), "old-2", "3")
	require.NoError(t, f.Commit(func(name string) bool { return strings.HasPrefix(name, "old-") }))
	require.Equal(t, map[string]string{"a": "1", "old-2": "3"}, list(t, target))

	empty := filepath.Join(parent, "empty")
	require.NoError(t, os.Mkdir(empty, 0o777))
	f, err = atomicfile.CreateFolder(empty, false)
	require.NoError(t, err)
	put(t, f.Path(), "c", "4")
	require.NoError(t, f.Commit(none))
	require.Equal(t, map[string]string{"c": "4"}, list(t, empty))
	entries, err := os.ReadDir(parent)
	require.NoError(t, err)
	require.Len(t, entries, 2, "nothing temporary is left")
}
