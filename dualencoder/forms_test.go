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

const forms = "../testdata/forms"

// One model in the forms that checkpoints have, with weights on the device as
// f32 and as f16. What was stored as f16 is the same number in both.
func TestEveryFormOfAModelGivesTheSame(t *testing.T) {
	full := openReference(t, filepath.Join(models, "vit-bert", "ref.safetensors"))
	half := openReference(t, filepath.Join(forms, "ref_half.safetensors"))
	devicetest.Each(t, func(t *testing.T, d *runtime.Device) {
		for _, c := range []struct {
			form   string
			dtype  runtime.DType
			ref    reference
			prefix string
		}{
			{"sharded-safetensors", runtime.F32, full, "out."},
			{"safetensors-extras", runtime.F32, full, "out."},
			{"safetensors-f16", runtime.F32, half, "f16."},
			{"safetensors-f16", runtime.F16, half, "f16."},
			{"safetensors-bf16", runtime.F32, half, "bf16."},
		} {
			m := openGolden(t, d, filepath.Join(forms, c.form), Options{DType: c.dtype})
			out, err := m.Forward(context.Background(), full.inputs(t, "in"), ForwardOptions{})
			require.NoError(t, err)
			for _, n := range []string{"logits_per_image", "text_embeds", "image_embeds"} {
				requireClose(t, n, out.Get(n), c.ref.floats(t, c.prefix+n), nil)
			}
		}
	})
}

func TestF32WeightsRoundedToF16(t *testing.T) {
	devicetest.Each(t, func(t *testing.T, d *runtime.Device) {
		for _, name := range []string{"vit-bert", "clip-roberta", "deit-xlmroberta", "extra-odd", "extra-clip-odd"} {
			dir := filepath.Join(models, name)
			ref := openReference(t, filepath.Join(dir, "ref.safetensors"))
			out, err := openGolden(t, d, dir, Options{DType: runtime.F16}).Forward(context.Background(), ref.inputs(t, "in"), ForwardOptions{})
			require.NoError(t, err)
			for _, n := range []string{"text_embeds", "image_embeds"} {
				got, want := out.Get(n), ref.floats(t, "out."+n)
				require.Equal(t, want.Shape, got.Shape)
				most := 0.0
				for i, w := range want.Data {
					most = max(most, math.Abs(float64(got.Data[i]-w)))
				}
				require.Less(t, most, tolerance.HalfWeights, "%s: %s", name, n)
				require.Greater(t, most, tolerance.Kernel, "%s: %s: nothing was rounded", name, n)
			}
		}
	})
}

func TestUnusedTensorsAreAnErrorWhenStrict(t *testing.T) {
	devicetest.Each(t, func(t *testing.T, d *runtime.Device) {
		_, err := Open(d, filepath.Join(forms, "safetensors-extras"), Options{Strict: true})
		var unused *UnusedWeightsError
		require.ErrorAs(t, err, &unused)
		require.Equal(t, []string{"extra.f8", "extra.i64"}, unused.Names)
	})
}
