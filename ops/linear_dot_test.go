package ops

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/vkdual/vkdual/runtime"
	"github.com/vkdual/vkdual/runtime/devicetest"
)

// Each 32 of a row are rounded to the nearest step, of which their largest is
// 127, over the range of f32; past the end of a row are zeros.
func TestInputsBecomeIntegersOf8Bits(t *testing.T) {
	devicetest.Each(t, func(t *testing.T, d *runtime.Device) {
		for _, k := range []int{1, 32, 41, 100, 131} {
			sizes := []float64{1, 0x1p127, 0x1p-110, 0x1p-130, 0}
			m := len(sizes)
			x := singles(random(uint64(k), m*k))
			for i := range x {
				x[i] = float32(float64(x[i]) * sizes[i/k])
			}
			r := d.NewRecorder("quantize")
			r.Output("y", quantizeRows(r, r.Input("x", runtime.F32, m, k), m, k))
			p, err := r.Finish()
			require.NoError(t, err)
			defer p.Close()
			copy(runtime.F32s(p.Input("x")), x)
			require.NoError(t, p.Run(t.Context()))
			y := runtime.U32s(p.Output("y"))
			for i := range m {
				for from := 0; from < k; from += block8 {
					word := func(line int) uint32 { return y[(from/block8*9+line)*ceil(m, 4)*4+i] }
					v := slices.Clone(x[i*k+from:][:min(block8, k-from)])
					v = append(v, make([]float32, block8-len(v))...)
					scale, most := float64(math.Float32frombits(word(0))), int8(0)
					for j, x := range v {
						code := int8(word(1+j/4) >> (j % 4 * 8))
						most = max(most, code, -code)
						if scale != 0 {
							require.LessOrEqual(t, math.Abs(float64(x)-float64(code)*scale), scale*(0.5+1e-4), "%g", x)
						}
					}
					if largest(v) < 127*smallest {
						require.Zero(t, scale)
						require.Zero(t, most)
						continue
					}
					require.InEpsilon(t, float64(largest(v))/127, scale, 1e-6)
					require.Equal(t, int8(127), most)
				}
			}
		}
	})
}

// A number that is none, or infinite, spoils its row, as in f32, and no other.
func TestWhatIsNotFiniteStaysSo(t *testing.T) {
	const m, k, n = 9, 70, 5
	devicetest.Each(t, func(t *testing.T, d *runtime.Device) {
		for _, kernel := range linearKernels {
			if !strings.HasPrefix(kernel.name, "linear_dot") || kernel.lacks(d) != "" {
				continue
			}
			x := random(1, m*k)
			x[3*k+40], x[7*k+69] = math.NaN(), math.Inf(1)
			p, close, err := trial{kernel: kernel.name, record: func(l *lab) runtime.Tensor {
				op := &linear{compute: runtime.Q8, x: l.input(x, m, k), w: l.matrix(runtime.Q8, n, k, random(2, n*k), nil), y: l.r.Temp(runtime.F32, m, n)}
				kernel.record(l.r, op)
				return op.y
			}}.program(d)
			require.NoError(t, err)
			defer close()
			require.NoError(t, p.Run(t.Context()))
			for i, y := range runtime.F32s(p.Output("y")) {
				spoilt := math.IsNaN(float64(y)) || math.IsInf(float64(y), 0)
				require.Equal(t, i/n == 3 || i/n == 7, spoilt, "%s: row %d: %g", kernel.name, i/n, y)
			}
		}
	})
}
