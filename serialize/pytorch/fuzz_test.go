package pytorch_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/vkdual/vkdual/serialize/internal/allocs"
	"github.com/vkdual/vkdual/serialize/pytorch"
	"github.com/vkdual/vkdual/serialize/safetensors"
)

// hold checks what is true of any bytes: they are refused with a typed error, or
// are a file whose tensors lie in it.
func hold(t *testing.T, data []byte) {
	var f *pytorch.File
	var err error
	require.LessOrEqual(t, allocs.Of(func() { f, err = pytorch.Parse("fuzz", data) }), allocs.Bound(len(data)))
	if err != nil {
		var typed *pytorch.Error
		require.True(t, errors.As(err, &typed), "%v", err)
		require.Less(t, len(typed.Error()), 20_000)
		return
	}
	require.NotEmpty(t, f.Names())
	for _, name := range f.Names() {
		x, ok := f.Tensor(name)
		require.True(t, ok)
		require.Equal(t, name, x.Name)
		n := x.Elems()
		require.LessOrEqual(t, n, len(data))
		require.LessOrEqual(t, len(x.Data), len(data))
		_ = safetensors.Float32s(make([]float32, n), x, 0) // an error for some types; never a panic
		_ = safetensors.Int64s(make([]int64, n), x, 0)
		if n > 1 {
			_ = safetensors.Float32s(make([]float32, n/2), x, n/3)
		}
	}
	require.NoError(t, f.Close())
}

func seeds(f *testing.F, pattern string) (files [][]byte) {
	paths, err := filepath.Glob(pattern)
	require.NoError(f, err)
	require.NotEmpty(f, paths)
	for _, path := range paths {
		data, err := os.ReadFile(path)
		require.NoError(f, err)
		if len(data) < 64<<10 { // small ones mutate best
			files = append(files, data)
		}
	}
	return files
}

// FuzzParse mutates whole files: the zip container and the legacy stream.
func FuzzParse(f *testing.F) {
	for _, pattern := range []string{"testdata/*.bin", forms + "bin-*/*.bin", forms + "sharded-bin/*.bin"} {
		for _, data := range seeds(f, pattern) {
			f.Add(data)
		}
	}
	f.Fuzz(hold)
}

// FuzzPickle mutates the pickle in an archive that is right otherwise.
func FuzzPickle(f *testing.F) {
	for _, data := range seeds(f, "testdata/*.pkl") {
		f.Add(string(data), "\x00\x00\x80\x3f\x00\x00\x00\x40")
	}
	f.Add(tensorPickle("FloatStorage", 2, 0, []uint32{2, 1}, []uint32{1, 2}), "\x00\x00\x80\x3f\x00\x00\x00\x40")
	f.Add("\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00\x8c\x0bcollections\x8c\x0bOrderedDict\x93)\x81\x94(\x8c\x01xh\x00u.", "")
	head, tail, _ := strings.Cut(tensorPickle("FloatStorage", 2, 0, []uint32{2, 1}, []uint32{1, 2}), "ctorch._utils\n_rebuild_tensor_v2\n")
	arguments := strings.TrimSuffix(tail, "Rs.")
	f.Add(head+"ctorch._tensor\n_rebuild_from_type_v2\n(ctorch._utils\n_rebuild_tensor_v2\nctorch\nTensor\n"+arguments+"}tRs.", "\x00\x00\x80\x3f\x00\x00\x00\x40")
	f.Add(head+"ctorch._utils\n_rebuild_parameter\n(ctorch._utils\n_rebuild_tensor_v2\n"+arguments+"R\x88\x8a\x09\x00\x00\x00\x00\x00\x00\x00\x00\x01tRs.", "\x00\x00\x80\x3f\x00\x00\x00\x40")
	f.Add(typedPickle, "\x01\x00\x02\x00\x03\x00\x04\x00")
	f.Add("\x80\x02ccollections\nOrderedDict\n)R}U\x09_metadata}sb.", "")
	f.Add("(ios\nsystem\n.", "")
	f.Add("(lp0\nI01\naL12L\naF1.5\nag0\n(dp1\nVkey\nI00\ns.", "")
	f.Fuzz(func(t *testing.T, pickle, storage string) {
		hold(t, archive(pickle, storage, storage))
	})
}
