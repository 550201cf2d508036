package main

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/vkdual/vkdual/internal/tolerance"
	"github.com/vkdual/vkdual/serialize/safetensors"
)

// The reference was given Flax's positions by hand.
func TestForwardCountsPositionsAsFlaxDoes(t *testing.T) {
	const model = "extra-flax-positions"
	ref, in := reference(t, model, "in.")
	given, err := safetensors.Open(in)
	require.NoError(t, err)
	defer given.Close()
	var inputs []safetensors.Tensor
	for _, name := range slices.DeleteFunc(given.Names(), func(n string) bool { return n == "position_ids" }) {
		x, _ := given.Tensor(name)
		inputs = append(inputs, x)
	}
	without := filepath.Join(t.TempDir(), "in.safetensors")
	require.NoError(t, safetensors.WriteFile(without, inputs, nil))
	out := filepath.Join(t.TempDir(), "out.safetensors")
	r := vkdual(t, onDevice(t, "forward", "-m", filepath.Join(modelFiles, model), "--position-ids", "flax", without, out)...)
	require.Zero(t, r.status, r.stderr)
	got, err := safetensors.Open(out)
	require.NoError(t, err)
	defer got.Close()
	want, _ := floats(t, ref, "out.text_embeds")
	have, _ := floats(t, got, "text_embeds")
	require.InDeltaSlice(t, want, have, tolerance.Model)
}
