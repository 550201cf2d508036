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

// Weights and activations of one type are the dtype of a Flax model. All that
// comes out is of that type (f16 has numbers below 2^-14 with even fewer bits).
func TestComputeIsTheDtypeOfFlax(t *testing.T) {
	in := openReference(t, filepath.Join(models, "vit-bert", "ref.safetensors")).inputs(t, "in")
	ref := openReference(t, filepath.Join(forms, "ref_flax.safetensors"))
	devicetest.Each(t, func(t *testing.T, d *runtime.Device) {
		for _, c := range []struct {
			dtype runtime.DType
			mean  float64
			kept  uint32 // bits of a float that a normal number of the type may have
		}{
			{runtime.F32, tolerance.Model, 0xffffffff},
			{runtime.F16, tolerance.HalfActivations, 0xffffe000},
			{runtime.BF16, tolerance.BFloatActivations, 0xffff0000},
		} {
			m := openGolden(t, d, filepath.Join(models, "vit-bert"), Options{DType: c.dtype, Compute: c.dtype})
			out, err := m.Forward(context.Background(), in, ForwardOptions{HiddenStates: true, Attentions: true})
			require.NoError(t, err)
			for _, o := range out {
				for i, v := range o.Data {
					require.Zero(t, math.Float32bits(v)&^c.kept, "%v: element %d of %s is %g", c.dtype, i, o.Name, v)
				}
			}
			for _, name := range []string{"text_embeds", "image_embeds"} {
				got, want := out.Get(name), ref.floats(t, c.dtype.String()+"."+name)
				require.Equal(t, want.Shape, got.Shape)
				sum := 0.0
				for i, w := range want.Data {
					sum += math.Abs(float64(got.Data[i] - w))
				}
				n := want.Shape[1]
				worst := 1.0
				for i := 0; i < len(want.Data); i += n {
					worst = min(worst, cosine(got.Data[i:i+n], want.Data[i:i+n]))
				}
				require.Less(t, sum/float64(len(want.Data)), c.mean, "%v: %s", c.dtype, name)
				require.Greater(t, worst, tolerance.Cosine, "%v: %s", c.dtype, name)
			}
		}
	})
}

func cosine(a, b []float32) float64 {
	dot, aa, bb := 0.0, 0.0, 0.0
	for i := range a {
		dot += float64(a[i]) * float64(b[i])
		aa += float64(a[i]) * float64(a[i])
		bb += float64(b[i]) * float64(b[i])
	}
	return dot / math.Sqrt(aa*bb)
}
