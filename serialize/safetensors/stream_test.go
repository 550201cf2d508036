package safetensors_test

import (
	"bytes"
	"io"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/vkdual/vkdual/serialize/safetensors"
)

// rounded is what values become as elements of a half type.
func rounded(t testing.TB, to safetensors.DType, values []float32) ([]float32, error) {
	t.Helper()
	var out bytes.Buffer
	s := safetensors.FloatStream("x", to, []int{len(values)}, func(first int, dst []float32) error {
		copy(dst, values[first:])
		return nil
	})
	if err := safetensors.WriteStreams(&out, []safetensors.Stream{s}, nil); err != nil {
		return nil, err
	}
	f, err := safetensors.Parse("", out.Bytes())
	require.NoError(t, err)
	x, _ := f.Tensor("x")
	got := make([]float32, len(values))
	return got, safetensors.Float32s(got, x, 0)
}

// Between two neighbours of a half type the nearer one is taken, in the middle the
// even one; every one of its own values stays.
func TestHalvesAreRoundedToTheNearest(t *testing.T) {
	for to, steps := range map[safetensors.DType]uint16{safetensors.F16: 0x7c00, safetensors.BF16: 0x7f80} {
		patterns := make([]byte, 2*int(steps))
		for i := range steps {
			patterns[2*i], patterns[2*i+1] = byte(i), byte(i>>8)
		}
		own := make([]float32, steps)
		require.NoError(t, safetensors.Float32s(own, safetensors.Tensor{DType: to, Shape: []int{int(steps)}, Data: patterns}, 0))
		var values, want []float32
		for i := range len(own) - 1 {
			a, b := own[i], own[i+1]
			even := a
			if i%2 == 1 {
				even = b
			}
			middle := float32((float64(a) + float64(b)) / 2)
			values = append(values, a, middle, -middle, math.Nextafter32(middle, a), math.Nextafter32(middle, b))
			want = append(want, a, even, -even, a, b)
		}
		got, err := rounded(t, to, values)
		require.NoError(t, err)
		for i := range want {
			if want[i] != got[i] && math.Float32bits(values[i])&0x7fffffff > 1 { // at the smallest float32 there is no nearer one
				t.Fatalf("%s: %v became %v, want %v", to, values[i], got[i], want[i])
			}
		}
		inf := float32(math.Inf(-1))
		got, err = rounded(t, to, []float32{inf, float32(math.NaN())})
		require.NoError(t, err)
		require.Equal(t, inf, got[0])
		require.NotEqual(t, got[1], got[1])
		_, err = rounded(t, to, []float32{1, math.MaxFloat32})
		require.ErrorContains(t, err, `tensor "x": element 1 is 3.4028235e+38, more than`)
	}
}

func TestAStreamIsHeldToItsSize(t *testing.T) {
	write := func(n int) error {
		return safetensors.WriteStreams(io.Discard, []safetensors.Stream{{
			Name: "x", DType: safetensors.F32, Shape: []int{3}, Write: func(w io.Writer) error {
				_, err := w.Write(make([]byte, n))
				return err
			},
		}}, nil)
	}
	require.NoError(t, write(12))
	require.ErrorContains(t, write(11), `tensor "x": 11 bytes came, want 12`)
	require.ErrorContains(t, write(13), "13 bytes came, want 12")
}
