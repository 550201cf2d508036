package ops

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/vkdual/vkdual/runtime"
	"github.com/vkdual/vkdual/runtime/devicetest"
)

// A layer that is more work than a submit may have becomes dispatches of as many
// rows as may be, each in a submit of its own, with the same answer.
func TestLongLayersAreSplit(t *testing.T) {
	const rows, in, out = 300, 100, 72
	bound := runtime.Switches{Poison: true, SubmitFLOPs: 2 * 200 * in * out} // 128 rows and no more, by whole tiles
	devicetest.EachWith(t, bound, func(t *testing.T, d *runtime.Device) {
		layer := linearTrial{m: rows, k: in, n: out, bias: true, act: "gelu", residual: true, dtype: runtime.F32}
		var split int
		for _, k := range linearKernels {
			if !slices.Contains([]string{"linear", "linear_four", "linear_tile128", "linear_texel_k4", "linear_quad_k4", "linear_dot_emulated"}, k.name) || k.lacks(d) != "" {
				continue
			}
			layer := layer
			if k.rounds {
				layer.dtype, layer.compute = runtime.Q8, runtime.Q8
			}
			p, close, err := layer.of(k).program(d)
			require.NoError(t, err)
			dispatches := p.Stats().Dispatches
			close()
			if k.frugal || k.rounds {
				dispatches-- // the residual's; the rounding's
			}
			require.Equal(t, 3, dispatches, k.name)
			require.NoError(t, layer.of(k).run(d).Err)
			split++
		}
		require.GreaterOrEqual(t, split, 5)
	})
}
