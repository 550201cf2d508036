package ops

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/vkdual/vkdual/internal/tolerance"
	"github.com/vkdual/vkdual/runtime"
	"github.com/vkdual/vkdual/runtime/devicetest"
)

// Rows of 8 bits are rounded to the nearest step, of which the largest element
// is 127; nothing is lost at the ends of the range of f32.
func TestRowsOf8BitsAreRoundedToTheNearest(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 8))
	for _, size := range []float64{1, 0x1p59, 1e-30, 0x1p-110} {
		v, codes := make([]float32, 771), make([]int8, 771)
		for i := range v {
			v[i] = float32(rnd.NormFloat64() / 5 * size)
		}
		v[700] = float32(-size)
		scale := quantizeRow8(codes, v)
		require.Equal(t, int8(-127), codes[700])
		for i, x := range v {
			off := math.Abs(float64(x) - float64(codes[i])*float64(scale))
			require.LessOrEqual(t, off, float64(scale)*(0.5+1e-5), "%g", x)
		}
	}
	codes := []int8{9, 9}
	require.Zero(t, quantizeRow8(codes, []float32{0, 0x1p-130}))
	require.Equal(t, []int8{0, 0}, codes)
}

// The error of blocks of 4 bits is that of a good 4-bit quantiser, whatever the
// scale of the weights and the length of the last block.
func TestBlocksOf4BitsHaveALittleError(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 4))
	for _, size := range []float64{1, 0x1p56, 1e-30} {
		var errors, squares float64
		for n := range 2000 {
			v, codes := make([]float32, 1+n%block4), make([]int8, block4)
			for i := range v {
				v[i] = float32(rnd.NormFloat64() * size)
			}
			scale := quantizeBlock4(codes[:len(v)], v)
			require.Equal(t, scale, asBF16(scale))
			for i, x := range v {
				require.True(t, codes[i] >= -8 && codes[i] <= 7)
				errors += math.Pow((float64(x)-float64(codes[i])*float64(scale))/size, 2)
				squares += math.Pow(float64(x)/size, 2)
			}
		}
		require.Less(t, math.Sqrt(errors/squares), tolerance.Block4)
	}
	codes := []int8{9, 9, 9}
	require.Zero(t, quantizeBlock4(codes, []float32{0, 0, 0x1p-127}))
	require.Equal(t, []int8{0, 0, 0}, codes)
	require.InDelta(t, -3, float64(quantizeBlock4(codes[:1], []float32{-3}))*float64(codes[0]), 3.0/128)
}

// What a matrix and a table of a base-size model take, scales included.
func TestQuantisedWeightsTakeAQuarterAndASeventh(t *testing.T) {
	devicetest.Each(t, func(t *testing.T, d *runtime.Device) {
		a := d.NewArena("weights")
		defer a.Close()
		bytes := func(t2 runtime.DType) (matrix, table float64) {
			rows := func(_ int, dst []float32) error { clear(dst); return nil }
			p := Packer{Arena: a, DType: t2}
			m, err := p.Matrix("m", 768, 768, rows, nil)
			require.NoError(t, err)
			tab, err := p.Table("t", 1000, 768, rows)
			require.NoError(t, err)
			return float64(m.weight.Bytes()), float64(tab.rows.Bytes())
		}
		m32, t32 := bytes(runtime.F32)
		m8, t8 := bytes(runtime.Q8)
		m4, t4 := bytes(runtime.Q4)
		require.Less(t, m8/m32, 0.254)
		require.Less(t, t8/t32, 0.252)
		require.Less(t, m4/m32, 0.143)
		require.Equal(t, t8, t4)
	})
}
