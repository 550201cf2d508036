package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// From two configs to a model that runs, saved again in halves.
func TestANewModelIsConvertedAndRuns(t *testing.T) {
	vision := write(t, "vision.json", `{"model_type": "vit", "hidden_size": 12, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 8, "image_size": 30, "patch_size": 10}`)
	text := write(t, "text.json", `{"model_type": "bert", "hidden_size": 12, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 8, "vocab_size": 120, "max_position_embeddings": 40}`)
	dir := t.TempDir()
	made, halves := filepath.Join(dir, "made"), filepath.Join(dir, "halves")
	r := vkdual(t, "new", "--vision-config", vision, "--text-config", text, "--projection-dim", "6", "--logit-scale=-1.5", "--seed", "3", made)
	require.Zero(t, r.status, r.stderr)
	require.Empty(t, r.out)
	require.Contains(t, r.stderr, "newly drawn")
	again := filepath.Join(dir, "again")
	require.Zero(t, vkdual(t, "new", made, "--vision-config", vision, "--text-config", text, "--overwrite", "--seed", "3", "--projection-dim", "6", "--logit-scale=-1.5").status)
	require.Zero(t, vkdual(t, "convert", "-m", made, again).status)
	want, err := os.ReadFile(filepath.Join(made, "model.safetensors"))
	require.NoError(t, err)
	got, err := os.ReadFile(filepath.Join(again, "model.safetensors"))
	require.NoError(t, err)
	require.Equal(t, want, got)

	r = vkdual(t, "convert", "-m", made, "--dtype", "bf16", "--max-shard-size", "2KB", halves)
	require.Zero(t, r.status, r.stderr)
	require.Empty(t, r.stderr)
	require.FileExists(t, filepath.Join(halves, "model.safetensors.index.json"))
	_, in := reference(t, "vit-bert", "in.") // of the same sizes
	r = vkdual(t, onDevice(t, "forward", "-m", halves, "--strict", in, filepath.Join(dir, "out.safetensors"))...)
	require.Zero(t, r.status, r.stderr)
}

func TestWhereNoModelCanBeWritten(t *testing.T) {
	good, full := modelFiles+"/vit-bert", t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(full, "precious"), nil, 0o666))
	out := filepath.Join(t.TempDir(), "out")
	for _, c := range []struct {
		status int
		args   []string
		want   string
	}{
		{2, []string{"new", "--vision", good, out}, "new: no text tower: give --text DIR or --text-config FILE"},
		{2, []string{"new", "--text", good, out}, "new: no vision tower"},
		{2, []string{"new", "--vision", good, "--text", good}, "OUT"},
		{2, []string{"new", "--vision", good, "--text", good, "--projection-dim", "0", out}, "--projection-dim 0: want 1 or more"},
		{1, []string{"new", "--vision", good + "x", "--text", good, out}, "--vision " + good + "x: no such file"},
		{1, []string{"new", "--vision", rocket, "--text", good, out}, "a file, want the folder of a checkpoint"},
		{1, []string{"new", "--vision-config", good, "--text", good, out}, "--vision-config " + good + ": is a directory"},
		{1, []string{"new", "--vision", good, "--text", good, out}, "vision-text-dual-encoder"},
		{2, []string{"convert", "-m", good, full}, "the folder is not empty: give another, or --overwrite"},
		{2, []string{"convert", "-m", good, "--max-shard-size", "5 gigs", out}, "--max-shard-size 5 gigs: want a whole number with KB"},
		{2, []string{"convert", "-m", good, "--dtype", "f8", out}, "--dtype"},
		{1, []string{"convert", "-m", good, rocket}, "is a file, want a folder to make"},
		{1, []string{"convert", "-m", filepath.Join(modelFiles, "..", "forms", "bin-evil"), out}, "posix.system"},
		{1, []string{"convert", "-m", filepath.Join(modelFiles, "..", "forms", "safetensors-extras"), "--strict", out}, "no part of the model uses extra.f8"},
	} {
		r := vkdual(t, c.args...)
		require.Equal(t, c.status, r.status, "%v: %s", c.args, r.stderr)
		require.Contains(t, r.stderr, c.want, c.args)
		require.NoDirExists(t, out)
	}
}
