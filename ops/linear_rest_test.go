package ops

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/vkdual/vkdual/runtime"
	"github.com/vkdual/vkdual/runtime/devicetest"
)

// The kernels of a software driver sum in one order, so that an input's answer
// does not depend on the batch that it came in: on whether its rows stand in a
// whole tile or are left to the kernel of a few.
func TestRowsAfterTheLastTile(t *testing.T) {
	const tile, few = 16, 5
	devicetest.Each(t, func(t *testing.T, d *runtime.Device) {
		for _, family := range []string{"linear_texel", "linear_quad"} {
			var want []float32
			for _, k := range linearKernels {
				if !strings.HasPrefix(k.name, family) || k.lacks(d) != "" {
					continue
				}
				layer := linearTrial{m: tile + few, k: 48, n: 72, bias: true, act: "gelu", residual: true, dtype: runtime.F32}
				p, close, err := layer.of(k).program(d)
				require.NoError(t, err)
				if !strings.HasSuffix(k.name, "_m8") {
					require.Equal(t, 2, p.Stats().Dispatches, k.name)
				}
				require.NoError(t, p.Run(context.Background()))
				got := slices.Clone(runtime.F32s(p.Output("y")))
				close()
				if want == nil {
					want = got
				}
				require.Equal(t, want, got, k.name)
			}
		}
	})
}

// Rows are bound where a device can bind them, at multiples of 256 bytes,
// whatever the tile: 8 rows of 300 inputs end between two of those.
func TestTilesOfFewRowsAreBoundAligned(t *testing.T) {
	devicetest.Each(t, func(t *testing.T, d *runtime.Device) {
		for _, k := range linearKernels {
			if !k.portable && !strings.HasPrefix(k.name, "linear_texel") && !strings.HasPrefix(k.name, "linear_quad") || k.lacks(d) != "" {
				continue
			}
			for _, rows := range []int{9, 21, 890} {
				res := linearTrial{m: rows, k: 300, n: 36, bias: true, dtype: runtime.F32}.of(k).run(d)
				if res.Err != errNotTaken {
					require.NoError(t, res.Err, "%s, %d rows", k.name, rows)
				}
			}
		}
	})
}
