package hdf5_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/vkdual/vkdual/serialize/hdf5"
	"github.com/vkdual/vkdual/serialize/internal/allocs"
	"github.com/vkdual/vkdual/serialize/safetensors"
)

// small is what tools/golden/h5_seeds.py writes: ramps of every type, in groups
// with one symbol node and with a tree of several.
func small(t testing.TB, name string) []byte {
	data, err := os.ReadFile("testdata/" + name + ".h5")
	require.NoError(t, err)
	return data
}

func TestDatasets(t *testing.T) {
	f, err := hdf5.Parse("x", small(t, "types"))
	require.NoError(t, err)
	require.Equal(t, []string{"a/b/f2", "a/b/f4", "a/b/f8", "a/i1", "a/i2", "a/i4", "a/i8", "a/u1", "a/u4", "empty", "scalar"}, f.Names())
	for path, dtype := range map[string]safetensors.DType{"a/b/f2": "F16", "a/b/f4": "F32", "a/b/f8": "F64"} {
		x, ok := f.Tensor(path)
		require.True(t, ok)
		require.Equal(t, dtype, x.DType)
		require.Equal(t, []int{2, 3}, x.Shape)
		var got [6]float32
		require.NoError(t, safetensors.Float32s(got[:], x, 0))
		require.Equal(t, [6]float32{0, 1, 2, 3, 4, 5}, got)
	}
	for path, dtype := range map[string]safetensors.DType{"a/i1": "I8", "a/i2": "I16", "a/i4": "I32", "a/i8": "I64", "a/u1": "U8", "a/u4": "U32"} {
		x, ok := f.Tensor(path)
		require.True(t, ok)
		require.Equal(t, dtype, x.DType)
		var got [3]int64
		require.NoError(t, safetensors.Int64s(got[:], x, 0))
		require.Equal(t, [3]int64{1, 2, 3}, got)
	}
	x, ok := f.Tensor("scalar")
	require.True(t, ok)
	require.Empty(t, x.Shape)
	require.Len(t, x.Data, 4)
	x, ok = f.Tensor("empty")
	require.True(t, ok)
	require.Equal(t, []int{0, 4}, x.Shape)
	_, ok = f.Tensor("a")
	require.False(t, ok)

	f, err = hdf5.Parse("x", small(t, "many")) // more names than one node of a tree holds
	require.NoError(t, err)
	require.Len(t, f.Names(), 300)
	for _, path := range []string{"group/d000", "group/d123", "group/d299"} {
		x, ok := f.Tensor(path)
		require.True(t, ok)
		require.Len(t, x.Data, 1)
	}
}

// No tensor is a copy: what changes in the file changes in them.
func TestTensorsLieInTheFile(t *testing.T) {
	data, err := os.ReadFile("../../testdata/forms/tf/tf_model.h5")
	require.NoError(t, err)
	f, err := hdf5.Parse("x", data)
	require.NoError(t, err)
	clear(data)
	for _, name := range f.Names() {
		x, _ := f.Tensor(name)
		require.NotEmpty(t, x.Data)
		require.Empty(t, bytes.Trim(x.Data, "\x00"), name)
	}
}

func TestRefusals(t *testing.T) {
	for name, want := range map[string]string{
		"latest":     "superblock: version 3, want 0 or 1",
		"ordered":    "an object header of version 2",
		"chunked":    "/x: its numbers are in chunks",
		"compressed": "/x: its numbers are compressed",
		"external":   "/x: its numbers are in another file",
		"big-endian": "/x: big-endian numbers",
		"strings":    "/x: elements of class 3, want integers or floats",
		"hardlink":   "stands in the file a second time",
		"softlink":   `"x" is a link to another object`,
		"unwritten":  "/x: its numbers were never written",
		"no-dataset": "no dataset in the file",
	} {
		_, err := hdf5.Parse("file", small(t, name))
		var typed *hdf5.Error
		require.True(t, errors.As(err, &typed), "%s: %v", name, err)
		require.ErrorContains(t, err, "hdf5: file: ")
		require.ErrorContains(t, err, want, name)
	}
}

func TestDamagedFiles(t *testing.T) {
	good := small(t, "types")
	patch := func(at int, value ...byte) []byte {
		b := bytes.Clone(good)
		copy(b[at:], value)
		return b
	}
	address := func(n uint64) []byte { return binary.LittleEndian.AppendUint64(nil, n) }
	tree := bytes.Index(good, []byte("TREE"))
	heap := bytes.Index(good, []byte("HEAP"))
	node := bytes.Index(good, []byte("SNOD"))
	for _, c := range []struct {
		data []byte
		want string
	}{
		{nil, "superblock: the file is empty"},
		{[]byte("version https://git-lfs.github.com/spec/v1\n"), "git lfs pull"},
		{[]byte("PK\x03\x04 and so on"), `found "PK\x03\x04 and", want the signature of HDF5`},
		{good[:60], "leave the file, which has 60"},
		{good[:len(good)-1], "it is cut short"},
		{patch(13, 4), "addresses of 4 and lengths of 8 bytes"},
		{patch(24, 1), "the file begins at byte 1, want 0"},
		{patch(64, address(1<<63)...), "leave the file"},
		{patch(64, address(65)...), "want \"\\x01\""},
		{patch(tree, 'X'), `found "XREE\x00"`},
		{patch(tree+5, 3), `want "TREE\x00"`},                     // the leaves of a node that says it is none are no nodes
		{patch(tree+32, address(uint64(tree))...), `second time`}, // its own child
		{patch(tree+6, 0xff, 0xff), "leave the file"},
		{patch(heap+8, address(1<<62)...), "leave the file"},
		{patch(node+6, 0xff, 0xff), "leave the file"},
		{patch(node+8, address(1<<40)...), "a name at byte 1099511627776 of a heap"},
	} {
		_, err := hdf5.Parse("file", c.data)
		var typed *hdf5.Error
		require.True(t, errors.As(err, &typed), "%q: %v", c.want, err)
		require.ErrorContains(t, err, c.want)
	}
}

// Any bytes are refused with a typed error, or are a file whose datasets lie in it.
func FuzzParse(f *testing.F) {
	paths, err := filepath.Glob("testdata/*.h5")
	require.NoError(f, err)
	require.NotEmpty(f, paths)
	for _, path := range paths {
		data, err := os.ReadFile(path)
		require.NoError(f, err)
		if len(data) < 64<<10 { // small ones mutate best
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var file *hdf5.File
		var err error
		require.LessOrEqual(t, allocs.Of(func() { file, err = hdf5.Parse("fuzz", data) }), allocs.Bound(len(data)))
		if err != nil {
			var typed *hdf5.Error
			require.True(t, errors.As(err, &typed), "%v", err)
			return
		}
		require.NotEmpty(t, file.Names())
		for _, name := range file.Names() {
			x, ok := file.Tensor(name)
			require.True(t, ok)
			require.Equal(t, name, x.Name)
			require.Equal(t, x.Elems()*x.DType.Bits(), len(x.Data)*8)
			_ = safetensors.Float32s(make([]float32, x.Elems()), x, 0)
			_ = safetensors.Int64s(make([]int64, x.Elems()), x, 0)
		}
		require.NoError(t, file.Close())
	})
}
