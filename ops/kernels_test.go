package ops

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/vkdual/vkdual/runtime"
	"github.com/vkdual/vkdual/runtime/devicetest"
)

func TestKernelsAreChosen(t *testing.T) {
	devicetest.Each(t, func(t *testing.T, d *runtime.Device) {
		start := time.Now()
		set := Kernels(d)
		t.Log(time.Since(start))
		for _, c := range set.Choices {
			t.Log(c)
			require.Empty(t, c.Wrong, c)
		}
		require.Same(t, set, Kernels(d))
	})
}

// A kernel that answers wrong is switched off whatever its speed, the others
// go on, and where none is left every use is an error that says why.
func TestWrongKernelIsSwitchedOff(t *testing.T) {
	devicetest.Each(t, func(t *testing.T, d *runtime.Device) {
		right := layerNormKernels[len(layerNormKernels)-1]
		wrong := kernel[*layerNorm]{name: "wrong", record: func(r *runtime.Recorder, l *layerNorm) {
			bad := *l
			bad.eps = 3
			right.record(r, &bad)
		}}
		c := &chooser{dev: d, known: map[string]Choice{}}
		f := layerNormFamily
		f.kernels = []kernel[*layerNorm]{wrong, right}
		got := choose(c, f)
		require.NoError(t, c.err)
		require.Len(t, got.many, 1)
		require.Equal(t, right.name, got.many[0].name)
		require.Contains(t, c.choices[0].Wrong, "want")

		// Good when it was first seen, bad now.
		stale := c.choices[1]
		stale.Kernel = "wrong"
		c = &chooser{dev: d, known: map[string]Choice{"wrong": stale}}
		f.kernels = f.kernels[:1]
		choose(c, f)
		require.ErrorContains(t, c.err, "no kernel for layer norm works")
		require.ErrorContains(t, c.err, "SWITCHED OFF")
	})
}
