package ops

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/vkdual/vkdual/runtime"
	"github.com/vkdual/vkdual/runtime/devicetest"
)

// Every number of f16 is that number in every linear kernel, the subnormal ones
// too, which a tolerance relative to the largest would not tell from zeros.
func TestEveryHalfIsExact(t *testing.T) {
	const k = 8
	var halves []float64
	for h := range uint16(0x7c00) {
		halves = append(halves, widened(h), widened(h|0x8000))
	}
	n := len(halves) / k
	identity := make([]float64, k*k)
	for i := range k {
		identity[i*k+i] = 1
	}
	devicetest.Each(t, func(t *testing.T, d *runtime.Device) {
		var tried []string
		for _, kernel := range linearKernels {
			if kernel.lacks(d) != "" {
				continue
			}
			p, close, err := trial{kernel: kernel.name, size: "halves", record: func(l *lab) runtime.Tensor {
				op := &linear{gpu: onGPU(l.r), compute: runtime.F16, x: l.input(identity, k, k), w: l.matrix(runtime.F16, n, k, halves, nil), y: l.r.Temp(runtime.F32, k, n)}
				if !kernel.does(d, op) {
					l.fail(errNotTaken)
					return runtime.Tensor{}
				}
				kernel.record(l.r, op)
				return op.y
			}}.program(d)
			if err == errNotTaken {
				continue
			}
			require.NoError(t, err, kernel.name)
			require.NoError(t, p.Run(context.Background()))
			y := slices.Clone(runtime.F32s(p.Output("y")))
			close()
			for i, want := range halves {
				if got := float64(y[i%k*n+i/k]); got != want {
					require.Failf(t, "wrong", "%s: %g (%#04x) is %g", kernel.name, want, math.Float32bits(float32(want)), got)
				}
			}
			tried = append(tried, kernel.name)
		}
		require.Contains(t, tried, "linear")
		require.Greater(t, len(tried), 5)
	})
}
