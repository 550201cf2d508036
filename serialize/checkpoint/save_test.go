package checkpoint_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/vkdual/vkdual/serialize/checkpoint"
	"github.com/vkdual/vkdual/serialize/safetensors"
)

// A shard takes tensors in their order while they fit; one that is too large
// stands alone. Two of the same size fill a shard exactly.
func TestShardsAreFilledInOrder(t *testing.T) {
	var tensors []safetensors.Stream
	for _, x := range []struct {
		name string
		n    int
	}{{"b", 2}, {"a", 2}, {"large", 9}, {"c", 1}, {"scalar", 1}} {
		tensors = append(tensors, safetensors.FromFloat32s(x.name, make([]float32, x.n), x.n).Stream())
	}
	dir := t.TempDir()
	require.NoError(t, checkpoint.Save(dir, tensors, 16))
	index, err := os.ReadFile(filepath.Join(dir, "model.safetensors.index.json"))
	require.NoError(t, err)
	var got struct {
		Metadata  map[string]int    `json:"metadata"`
		WeightMap map[string]string `json:"weight_map"`
	}
	require.NoError(t, json.Unmarshal(index, &got))
	require.Equal(t, map[string]int{"total_size": 60}, got.Metadata)
	first, second, third := "model-00001-of-00003.safetensors", "model-00002-of-00003.safetensors", "model-00003-of-00003.safetensors"
	require.Equal(t, map[string]string{"a": first, "b": first, "large": second, "c": third, "scalar": third}, got.WeightMap)
	w, err := checkpoint.Open(dir)
	require.NoError(t, err)
	defer w.Close()
	require.Equal(t, []string{"a", "b", "c", "large", "scalar"}, w.Names())

	for name, saved := range map[string]bool{
		"model.safetensors": true, "model.safetensors.index.json": true, first: true,
		"pytorch_model.bin": false, "my-model.safetensors": false, "model-1.safetensors": false, "config.json": false,
	} {
		require.Equal(t, saved, checkpoint.Saved(name), name)
	}
}

func TestParseSize(t *testing.T) {
	for s, want := range map[string]int{"5GB": 5_000_000_000, "200MB": 200_000_000, "7kb": 7000, "2GiB": 2 << 30, "3 MiB": 3 << 20, "1KiB": 1024, "60000": 60000} {
		got, err := checkpoint.ParseSize(s)
		require.NoError(t, err, s)
		require.Equal(t, want, got, s)
	}
	for _, s := range []string{"", "GB", "0", "-1GB", "1.5GB", "1TB", "99999999999GB", "5G"} {
		_, err := checkpoint.ParseSize(s)
		require.ErrorContains(t, err, "want a whole number", s)
	}
}
