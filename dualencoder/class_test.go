package dualencoder

import (
	"context"
	"math"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/vkdual/vkdual/internal/tolerance"
	"github.com/vkdual/vkdual/runtime"
	"github.com/vkdual/vkdual/runtime/devicetest"
)

func TestWhatAClassDoesNotKnowIsRefused(t *testing.T) {
	devicetest.Each(t, func(t *testing.T, d *runtime.Device) {
		for name, input := range map[string]string{"siglip": "loss", "clip": "token_type_ids"} {
			m := openGolden(t, d, filepath.Join(models, name), Options{Strict: true})
			in := openReference(t, filepath.Join(models, name, "ref.safetensors")).inputs(t, "in")
			if name == "clip" {
				in.TokenTypeIDs = &Ints{Shape: in.InputIDs.Shape, Data: make([]int64, len(in.InputIDs.Data))}
			}
			_, err := m.Forward(context.Background(), in, ForwardOptions{Loss: true})
			var e *InputError
			require.ErrorAs(t, err, &e)
			require.Equal(t, input, e.Input)
		}
	})
}

// What fills up a batch changes nothing: a text in a longer row, between others,
// has the embedding that it has alone.
func TestAPaddedTextOfARelativeIsItself(t *testing.T) {
	devicetest.Each(t, func(t *testing.T, d *runtime.Device) {
		for _, name := range []string{"clip", "clip-eos", "chinese-clip", "altclip"} {
			m := openGolden(t, d, filepath.Join(models, name), Options{Strict: true})
			text := encoded{ids: []uint32{7, 100, 129, 23, 11}}
			alone, err := m.Forward(context.Background(), Inputs{InputIDs: &Ints{Shape: []int{1, 5}, Data: []int64{7, 100, 129, 23, 11}}}, ForwardOptions{})
			require.NoError(t, err)
			s := shape{texts: 2, length: 16}
			require.NoError(t, m.programs.use(s, func(p *runtime.Program) error {
				m.place(p, encoded{ids: []uint32{9, 129}}, 0, s.length)
				m.place(p, text, 1, s.length)
				if err := p.Run(context.Background()); err != nil {
					return err
				}
				got := runtime.F32s(p.Output(textEmbeds))[m.Dim():]
				require.InDeltaSlice(t, alone.Get(textEmbeds).Data, got, tolerance.Model, name)
				return nil
			}))
		}
	})
}

func TestProbabilities(t *testing.T) {
	x := []float64{-800, 0, 3}
	classes["siglip"].probabilities(x)
	require.InDeltaSlice(t, []float64{0, 0.5, 1 / (1 + math.Exp(-3))}, x, 1e-15)
	x = []float64{-800, 0, math.Log(3)}
	classes["clip"].probabilities(x)
	require.InDeltaSlice(t, []float64{0, 0.25, 0.75}, x, 1e-15)
}
