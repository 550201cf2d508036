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
// f32, f16 and bf16. What was stored as f16 or bf16 is the same number in f32.
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
			{"bin-zip", runtime.F32, full, "out."},
			{"bin-legacy-gamma-beta", runtime.F32, full, "out."},
			{"bin-views", runtime.F32, full, "out."},
			{"sharded-bin", runtime.F32, full, "out."},
			{"bin-f16", runtime.F16, half, "f16."},
			{"bin-bf16", runtime.BF16, half, "bf16."},
			{"flax", runtime.F32, full, "out."},
			{"tf", runtime.F32, full, "out."},
			{"flax-bf16", runtime.BF16, half, "bf16."},
			{"safetensors-f16", runtime.F32, half, "f16."},
			{"safetensors-f16", runtime.F16, half, "f16."},
			{"safetensors-bf16", runtime.F32, half, "bf16."},
			{"safetensors-bf16", runtime.BF16, half, "bf16."},
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

// A checkpoint that is stored in bf16 loses nothing when it is held so: every
// output has the bits that it has with weights in f32.
func TestBF16HoldsABF16CheckpointExactly(t *testing.T) {
	in := openReference(t, filepath.Join(models, "vit-bert", "ref.safetensors")).inputs(t, "in")
	devicetest.Each(t, func(t *testing.T, d *runtime.Device) {
		var outs [2]Outputs
		for i, dtype := range []runtime.DType{runtime.F32, runtime.BF16} {
			m := openGolden(t, d, filepath.Join(forms, "safetensors-bf16"), Options{DType: dtype})
			var err error
			outs[i], err = m.Forward(context.Background(), in, ForwardOptions{HiddenStates: true, Attentions: true, Features: true})
			require.NoError(t, err)
		}
		require.Equal(t, outs[0], outs[1])
	})
}

func TestF32WeightsRoundedToHalf(t *testing.T) {
	devicetest.Each(t, func(t *testing.T, d *runtime.Device) {
		for dtype, bound := range map[runtime.DType]float64{runtime.F16: tolerance.HalfWeights, runtime.BF16: tolerance.BFloatWeights} {
			for _, name := range []string{"vit-bert", "clip-roberta", "deit-xlmroberta", "extra-odd", "extra-clip-odd"} {
				dir := filepath.Join(models, name)
				ref := openReference(t, filepath.Join(dir, "ref.safetensors"))
				out, err := openGolden(t, d, dir, Options{DType: dtype}).Forward(context.Background(), ref.inputs(t, "in"), ForwardOptions{})
				require.NoError(t, err)
				for _, n := range []string{"text_embeds", "image_embeds"} {
					got, want := out.Get(n), ref.floats(t, "out."+n)
					require.Equal(t, want.Shape, got.Shape)
					most := 0.0
					for i, w := range want.Data {
						most = max(most, math.Abs(float64(got.Data[i]-w)))
					}
					require.Less(t, most, bound, "%v: %s: %s", dtype, name, n)
					require.Greater(t, most, tolerance.Kernel, "%v: %s: %s: nothing was rounded", dtype, name, n)
				}
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
