package ops

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/vkdual/vkdual/runtime"
	"github.com/vkdual/vkdual/runtime/devicetest"
)

// Every number of f16 is that number in every linear kernel that the device runs, the subnormal ones
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
			p, close, err := linearTrial{m: k, k: k, n: n, dtype: runtime.F16, compute: runtime.F16}.on(kernel, identity, halves).program(d)
			if err == errNotTaken {
				continue
			}
			require.NoError(t, err, kernel.name)
			require.NoError(t, p.Run(context.Background()))
			y := slices.Clone(runtime.F32s(p.Output("y")))
			close()
			for i, want := range halves {
				if got := float64(y[i%k*n+i/k]); got != want {
					require.Failf(t, "wrong", "%s: %g is %g", kernel.name, want, got)
				}
			}
			tried = append(tried, kernel.name)
		}
		require.Contains(t, tried, "linear")
		require.Greater(t, len(tried), 5)
	})
}
