package dualencoder

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/vkdual/vkdual/internal/tolerance"
	"github.com/vkdual/vkdual/runtime"
	"github.com/vkdual/vkdual/runtime/devicetest"
)

var errTooLarge = errors.New("the device cannot take it")

// limited makes m refuse programs of more rows than most, as a device with
// little memory does.
func limited(m *Model, most int) {
	record := m.programs.record
	m.programs.record = func(s shape) (*runtime.Program, error) {
		if s.rows() > most && !s.head {
			return nil, errTooLarge
		}
		return record(s)
	}
}

func TestWhatIsTooLargeRunsInParts(t *testing.T) {
	devicetest.Each(t, func(t *testing.T, d *runtime.Device) {
		dir := filepath.Join(models, "vit-bert")
		ref := openReference(t, filepath.Join(dir, "ref.safetensors"))
		for most := 1; most <= 3; most++ {
			m := openGolden(t, d, dir, Options{})
			limited(m, most)
			in := ref.inputs(t, "in")
			out, err := m.Forward(context.Background(), in, ForwardOptions{Loss: true, HiddenStates: true, Attentions: true, Features: true})
			require.NoError(t, err)
			for _, n := range ref.under("out") {
				requireClose(t, n, out.Get(n), ref.floats(t, "out."+n), in.AttentionMask)
			}
			require.Len(t, out, len(ref.under("out"))+2)
			require.Equal(t, "loss", out[0].Name)
		}
		m := openGolden(t, d, dir, Options{})
		limited(m, 0)
		_, err := m.Forward(context.Background(), ref.inputs(t, "in"), ForwardOptions{})
		require.ErrorIs(t, err, errTooLarge)
	})
}

func TestABatchThatIsTooLargeIsHalved(t *testing.T) {
	texts := []string{"dog", "cat", "pizza", "rocket", "umbrella", "a very long name of a thing", "tree"}
	paths := []string{}
	for _, n := range []string{"pizza", "rocket", "guitar", "octopus", "umbrella"} {
		paths = append(paths, filepath.Join("../testdata/pictures", n+".png"))
	}
	devicetest.Each(t, func(t *testing.T, d *runtime.Device) {
		ctx := context.Background()
		dir := filepath.Join("defaultmodel", "files")
		free, tight := openGolden(t, d, dir, Options{}), openGolden(t, d, dir, Options{})
		limited(tight, 2)
		for range 2 {
			for _, embed := range []func(*Model) ([][]float32, error){
				func(m *Model) ([][]float32, error) { return m.EmbedTexts(ctx, texts, EmbedOptions{}) },
				func(m *Model) ([][]float32, error) { return m.EmbedImages(ctx, paths, EmbedOptions{}) },
			} {
				want, err := embed(free)
				require.NoError(t, err)
				got, err := embed(tight)
				require.NoError(t, err)
				require.Len(t, got, len(want))
				for i := range want {
					for k, v := range want[i] {
						require.InDelta(t, v, got[i][k], tolerance.Model)
					}
				}
			}
		}
		limited(tight, 0)
		_, err := tight.EmbedTexts(ctx, []string{"an unseen length of text that is not yet recorded here"}, EmbedOptions{})
		require.ErrorIs(t, err, errTooLarge)
	})
}
