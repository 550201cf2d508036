package dualencoder

import (
	"context"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/vkdual/vkdual/runtime"
	"github.com/vkdual/vkdual/runtime/devicetest"
)

// The reference was given Flax's positions by hand; here they are the default,
// up to the last row of the table.
func TestFlaxPositions(t *testing.T) {
	devicetest.Each(t, func(t *testing.T, d *runtime.Device) {
		dir := filepath.Join(models, "extra-flax-positions")
		ref := openReference(t, filepath.Join(dir, "ref.safetensors"))
		in := ref.inputs(t, "in")
		in.PositionIDs = nil

		m := openGolden(t, d, dir, Options{PositionIDs: FlaxPositions})
		require.Equal(t, 14, m.MaxTokens())
		out, err := m.Forward(context.Background(), in, ForwardOptions{HiddenStates: true})
		require.NoError(t, err)
		for _, o := range out {
			requireClose(t, o.Name, &o.Floats, ref.floats(t, "out."+o.Name), in.AttentionMask)
		}

		longer := Inputs{InputIDs: &Ints{Shape: []int{1, 15}, Data: slices.Repeat([]int64{7}, 15)}}
		_, err = m.Forward(context.Background(), longer, ForwardOptions{})
		require.ErrorContains(t, err, "at most 14 tokens (max_position_embeddings is 14)")

		m = openGolden(t, d, dir, Options{PositionIDs: PyTorchPositions})
		require.Equal(t, 12, m.MaxTokens())
		longer = Inputs{InputIDs: &Ints{Shape: []int{1, 13}, Data: slices.Repeat([]int64{7}, 13)}}
		_, err = m.Forward(context.Background(), longer, ForwardOptions{})
		require.ErrorContains(t, err, "at most 12 tokens (max_position_embeddings is 14)")
	})
	_, err := Open(nil, filepath.Join(models, "vit-bert"), Options{PositionIDs: "tf"})
	require.ErrorContains(t, err, `position ids "tf", want "pytorch" or "flax"`)
}
