package ops

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/vkdual/vkdual/ops/ref"
	"github.com/vkdual/vkdual/runtime"
	"github.com/vkdual/vkdual/runtime/devicetest"
)

// Every exponent with fractions on, beside and between the ties of both types.
func TestRoundIsExact(t *testing.T) {
	var x []float32
	for exponent := range uint32(256) {
		for _, fraction := range []uint32{0, 1, 0x7fff, 0x8000, 0x8001, 0xfff, 0x1000, 0x1001, 0x18000, 0x3000, 0x400000, 0x3fffff, 0x7fefff, 0x7ff000, 0x7f7fff, 0x7f8000, 0x7fffff} {
			for _, sign := range []uint32{0, 1 << 31} {
				x = append(x, math.Float32frombits(sign|exponent<<23|fraction))
			}
		}
	}
	devicetest.Each(t, func(t *testing.T, d *runtime.Device) {
		for _, dtype := range []runtime.DType{runtime.F16, runtime.BF16} {
			r := d.NewRecorder("round")
			y := SelectToken(r, r.Input("x", runtime.F32, 1, 1, len(x)), 0)
			round(r, y, dtype)
			r.Output("y", y)
			p, err := r.Finish()
			require.NoError(t, err)
			defer p.Close()
			copy(runtime.F32s(p.Input("x")), x)
			require.NoError(t, p.Run(t.Context()))
			for i, got := range runtime.F32s(p.Output("y")) {
				want := float32(held([]float64{float64(x[i])}, dtype)[0])
				if x[i] != x[i] {
					require.True(t, got != got, "NaN to %v: %g", dtype, got)
					continue
				}
				require.Equal(t, math.Float32bits(want), math.Float32bits(got), "%g (%#08x) to %v: %g, want %g", x[i], math.Float32bits(x[i]), dtype, got, want)
			}
		}
	})
}

// Each operation is rounded once, a fused layer at its end. The numbers are
// such that f32 is exact.
func TestComputingRoundsEachOperationOnce(t *testing.T) {
	const m, k, n = 5, 16, 8
	eighths := func(seed uint64, n int) []float64 {
		v := random(seed, n)
		for i := range v {
			v[i] = math.Round(v[i]*64) / 8
		}
		return v
	}
	x, w, before := eighths(1, m*k), eighths(2, n*k), eighths(3, m*n)
	devicetest.Each(t, func(t *testing.T, d *runtime.Device) {
		for dtype, round := range map[runtime.DType]func([]float64) []float64{
			runtime.F32: rounded, runtime.F16: ref.RoundF16, runtime.BF16: ref.RoundBF16,
		} {
			a := d.NewArena("weights")
			defer a.Close()
			l := &lab{r: d.NewRecorder("program", Computing(dtype)), pack: Packer{Arena: a, DType: runtime.F32}}
			end := l.r.Scope("layer")
			y := Activate(l.r, Linear(l.r, l.input(x, m, k), l.matrix(runtime.F32, n, k, w, nil)), ReLU)
			y = Add(l.r, y, l.input(before, m, n))
			l.r.Output("y", y)
			end()
			end = l.r.Scope("sum")
			z := Add(l.r, y, y)
			end()
			l.r.Output("z", z)
			p, err := l.r.Finish()
			require.NoError(t, err)
			defer p.Close()
			for _, in := range l.inputs {
				copy(p.Input(in.name), in.data)
			}
			require.NoError(t, p.Run(t.Context()))

			want := ref.Linear(x, w, nil, m, k, n)
			for i := range want {
				want[i] = max(want[i], 0) + before[i]
			}
			want = round(want)
			require.Equal(t, singles(want), runtime.F32s(p.Output("y")), "%v", dtype)
			for i := range want {
				want[i] *= 2
			}
			require.Equal(t, singles(round(want)), runtime.F32s(p.Output("z")), "%v", dtype)
			if dtype == runtime.F32 {
				require.Equal(t, 2, p.Stats().Dispatches)
				continue
			}
			require.Equal(t, 4, p.Stats().Dispatches)
			require.Regexp(t, fmt.Sprintf(`(?s)linear .*  layer\n.*round \[5 8\] to %v.*  layer\n.*add .*  sum\n.*round .*  sum\n`, dtype), p.String())
		}
	})
}

// An operation of several dispatches is rounded after the last of them.
func TestComputingRoundsAfterTheLastDispatch(t *testing.T) {
	const n, alignment = 128, 64
	x := random(1, n)
	devicetest.Each(t, func(t *testing.T, d *runtime.Device) {
		l := &lab{r: d.NewRecorder("program", Computing(runtime.BF16))}
		in, y := l.input(x, n), l.r.Temp(runtime.F32, n)
		for first := 0; first < n; first += alignment {
			bind := runtime.Bind(in, in, y)
			for i := range bind {
				bind[i].First, bind[i].Count = first, alignment
			}
			l.r.Dispatch(runtime.Dispatch{Op: "add", Module: "add", Push: []uint32{alignment}, Groups: elementwise(alignment), Bind: bind})
		}
		l.r.Output("y", y)
		p, err := l.r.Finish()
		require.NoError(t, err)
		defer p.Close()
		copy(p.Input("in0"), l.inputs[0].data)
		require.NoError(t, p.Run(t.Context()))
		require.Equal(t, 3, p.Stats().Dispatches)
		want := make([]float64, n)
		for i := range want {
			want[i] = 2 * x[i]
		}
		require.Equal(t, singles(ref.RoundBF16(want)), runtime.F32s(p.Output("y")))
	})
}
