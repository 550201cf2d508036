package npy_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/vkdual/vkdual/serialize/npy"
)

// The files in testdata are numpy.save's, of arange(15)/3 and of no rows.
func TestSameBytesAsNumPy(t *testing.T) {
	for name, shape := range map[string][2]int{"3x5.npy": {3, 5}, "0x7.npy": {0, 7}} {
		want, err := os.ReadFile("testdata/" + name)
		require.NoError(t, err)
		f, err := os.Create(filepath.Join(t.TempDir(), name))
		require.NoError(t, err)
		w, err := npy.NewWriter(f, shape[1])
		require.NoError(t, err)
		for i := range shape[0] {
			row := make([]float32, shape[1])
			for j := range row {
				row[j] = float32(i*shape[1]+j) / 3
			}
			require.NoError(t, w.Write(row))
			require.NoError(t, w.Flush()) // at any row the file is whole
		}
		require.ErrorContains(t, w.Write(make([]float32, 4)), "4 numbers, want")
		require.NoError(t, w.Close())
		require.NoError(t, f.Close())
		got, err := os.ReadFile(f.Name())
		require.NoError(t, err)
		require.Equal(t, want, got, name)
	}
}
