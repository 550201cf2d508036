package dualencoder

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/vkdual/vkdual/internal/tolerance"
	"github.com/vkdual/vkdual/runtime"
	"github.com/vkdual/vkdual/runtime/devicetest"
)

// Every embedding and feature of every golden model keeps its direction with
// integers for weights. These models are small: under Q4 their matrices are Q8,
// and TestQ4KeepsTheDirection has larger ones.
func TestQuantisedWeightsKeepTheDirection(t *testing.T) {
	devicetest.Each(t, func(t *testing.T, d *runtime.Device) {
		keepsTheDirection(t, d, Options{DType: runtime.Q8}, tolerance.Cosine8)
	})
}

// So do they where products are of integers, the inputs of layers rounded too.
func TestProductsOfIntegersKeepTheDirection(t *testing.T) {
	dots := runtime.Switches{Poison: true, Force: []string{"linear_dot"}}
	devicetest.EachWith(t, dots, func(t *testing.T, d *runtime.Device) {
		keepsTheDirection(t, d, Options{DType: runtime.Q8, Compute: runtime.Q8}, tolerance.CosineDots)
	})
}

func keepsTheDirection(t *testing.T, d *runtime.Device, opt Options, floor float64) {
	for _, name := range goldenModels(t) {
		dir := filepath.Join(models, name)
		ref := openReference(t, filepath.Join(dir, "ref.safetensors"))
		m := openGolden(t, d, dir, opt)
		for in, out := range map[string]string{"in": "out.", "in2": "out2."} {
			inputs := ref.inputs(t, in)
			if inputs.InputIDs == nil {
				continue
			}
			got, err := m.Forward(context.Background(), inputs, ForwardOptions{Features: in == "in"})
			require.NoError(t, err)
			for of, as := range map[string]string{
				"text_embeds": out + "text_embeds", "image_embeds": out + "image_embeds",
				"text_features": "feat.text", "image_features": "feat.image",
			} {
				if want := ref.floats(t, as); want != nil && got.Get(of) != nil {
					least := leastCosine(t, got.Get(of), want)
					t.Logf("%.5f %s: %s", least, name, as)
					require.GreaterOrEqual(t, least, floor, "%s: %s", name, as)
				}
			}
		}
	}
}

// leastCosine is that of the rows of two tensors [N,D].
func leastCosine(t testing.TB, got, want *Floats) float64 {
	t.Helper()
	require.Equal(t, want.Shape, got.Shape)
	least, width := 1.0, want.Shape[1]
	for i := 0; i < len(want.Data); i += width {
		least = min(least, cosine(got.Data[i:i+width], want.Data[i:i+width]))
	}
	return least
}
