package ops

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/vkdual/vkdual/ops/ref"
	"github.com/vkdual/vkdual/runtime"
	"github.com/vkdual/vkdual/runtime/devicetest"
)

func TestBFloat16RoundsToNearestEven(t *testing.T) {
	for f, want := range map[uint32]uint16{
		0x3f800000: 0x3f80, 0x3f807fff: 0x3f80, 0x3f808000: 0x3f80, 0x3f808001: 0x3f81, // ties to even
		0x3f818000: 0x3f82, 0xbf818000: 0xbf82, 0x3fffffff: 0x4000, 0x80000000: 0x8000,
		0x00000001: 0, 0x00008001: 1, 0x00018000: 2, // below the normal numbers
		0x7f7f7fff: 0x7f7f, 0x7f7f8000: 0x7f80, 0x7f800000: 0x7f80, 0xff800000: 0xff80,
		0x7f800001: 0x7fc0, 0xffffffff: 0xffff, // NaN stays NaN
	} {
		require.Equal(t, want, bfloat16(math.Float32frombits(f)), "%#08x", f)
	}
	for b := uint64(0); b <= math.MaxUint32; b += 65521 {
		v := math.Float32frombits(uint32(b))
		got := math.Float32frombits(uint32(bfloat16(v)) << 16)
		want := ref.RoundBF16([]float64{float64(v)})[0]
		if v != v {
			require.True(t, got != got)
			continue
		}
		require.Equal(t, want, float64(got), "%g", v)
	}
}

func TestHalfRoundsToNearestEven(t *testing.T) {
	for f, want := range map[float32]uint16{
		1: 0x3c00, 65504: 0x7bff, -2: 0xc000, 0x1p-14: 0x0400, 0x1p-24: 1, 0x1p-25: 0, 0x1.8p-24: 2, 0x1.000002p-25: 1,
		0x1.ff8p-15: 0x03ff, 0x1.ffcp-15: 0x0400, 1 + 0x1p-11: 0x3c00, 1 + 0x3p-11: 0x3c02, 1 + 0x1.002p-11: 0x3c01,
	} {
		require.Equal(t, want, half(f), "%g", f)
	}
	require.Equal(t, uint16(0x8000), half(float32(math.Copysign(0, -1))))
	for b := uint32(0); b <= math.Float32bits(65504); b += 4093 {
		v := math.Float32frombits(b)
		want := ref.RoundF16([]float64{float64(v), -float64(v)})
		require.Equal(t, want[0], widened(half(v)), "%g", v)
		require.Equal(t, want[1], widened(half(-v)), "%g", -v)
	}
}

// widened is the value of an f16.
func widened(h uint16) float64 {
	v := math.Ldexp(float64(h&0x3ff), -24)
	if e := int(h >> 10 & 0x1f); e > 0 {
		v = math.Ldexp(float64(h&0x3ff|0x400), e-25)
	}
	if h>>15 == 1 {
		v = -v
	}
	return v
}

func TestAWeightThatTheTypeCannotHoldIsAnError(t *testing.T) {
	devicetest.Each(t, func(t *testing.T, d *runtime.Device) {
		a := d.NewArena("weights")
		defer a.Close()
		for v, types := range map[float32]map[runtime.DType]string{
			65505:               {runtime.F16: "a weight of 65505 does not fit into f16, whose largest number is 65504", runtime.BF16: "", runtime.F32: ""},
			-3.4e38:             {runtime.F16: "does not fit into f16", runtime.BF16: "a weight of -3.4e+38 does not fit into bf16, whose largest number is 3.38", runtime.F32: ""},
			0x1.fep127:          {runtime.BF16: ""},
			math.MaxFloat32:     {runtime.BF16: "does not fit into bf16", runtime.F32: ""},
			float32(math.NaN()): {runtime.F16: "a weight of NaN does not fit into f16", runtime.Q8: "a weight of NaN does not fit into q8", runtime.BF16: "", runtime.F32: ""},
		} {
			for dtype, says := range types {
				rows := func(_ int, dst []float32) error { clear(dst); dst[1] = v; return nil }
				p := Packer{Arena: a, DType: dtype}
				_, inMatrix := p.Matrix("m", 3, 2, rows, nil)
				_, inTable := p.Table("t", 3, 2, rows)
				for _, err := range []error{inMatrix, inTable} {
					if says == "" {
						require.NoError(t, err)
					} else {
						require.ErrorContains(t, err, says)
					}
				}
			}
		}
	})
}
