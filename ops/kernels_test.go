package ops

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/vkdual/vkdual/runtime"
	"github.com/vkdual/vkdual/runtime/devicetest"
)

// The usual operations all get a kernel, none answers wrong, and the times are
// believed when the device is opened again.
func TestKernelsAreChosen(t *testing.T) {
	devicetest.Each(t, func(t *testing.T, d *runtime.Device) {
		set := Kernels(d)
		require.Same(t, set, Kernels(d))
		start := time.Now()
		require.NoError(t, set.Decide())
		t.Log(time.Since(start))
		decided := set.Decisions()
		kernels := map[string]string{}
		for _, c := range decided {
			t.Log(c)
			kernels[c.Class] = c.Kernel
		}
		for _, c := range slices.Concat(set.linears.first(), set.attentions.first(), set.layerNorms.first()) {
			require.Contains(t, kernels, c.Class)
		}
		for _, e := range set.Excluded() {
			require.False(t, e.Wrong, e)
		}
		again := newChooser(d)
		require.Equal(t, set.times, again.times)
		for _, c := range again.Decisions() {
			require.Equal(t, kernels[c.Class], c.Kernel)
		}
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
		f := layerNormFamily
		f.kernels = []kernel[*layerNorm]{wrong, right}
		pick := func() (kernel[*layerNorm], *picker[*layerNorm], error) {
			p := &picker[*layerNorm]{}
			p.init(newChooser(d), f)
			p.times["layer norm, more rows"] = laps{"wrong": 1, right.name: 1} // neither is faster
			var got kernel[*layerNorm]
			var err error
			_, _, none := layerNormTrial{17, 40}.of(kernel[*layerNorm]{name: "pick", record: func(r *runtime.Recorder, l *layerNorm) {
				if got, err = p.pick(l); err == nil {
					got.record(r, l)
				}
			}}).program(d)
			if err == nil {
				require.NoError(t, none)
			}
			return got, p, err
		}
		got, p, err := pick()
		require.NoError(t, err)
		require.Equal(t, right.name, got.name)
		require.Contains(t, p.wrong["wrong"], "want")
		require.Contains(t, p.Excluded()[0].String(), "SWITCHED OFF")

		f.kernels = f.kernels[:1]
		_, _, err = pick()
		require.ErrorContains(t, err, "no kernel for layer norm (more rows) works")
		require.ErrorContains(t, err, "wrong: 13×72: element")
	})
}

// Ahead of its time a kernel is named only where nothing must be timed for it,
// and it is the one that is chosen then.
func TestNothingIsTimedAhead(t *testing.T) {
	devicetest.Each(t, func(t *testing.T, d *runtime.Device) {
		p := &picker[*linear]{}
		p.init(newChooser(d), linearFamily)
		p.times = times{}
		_, close, err := linearFamily.usual[0].of(kernel[*linear]{name: "pick", record: func(r *runtime.Recorder, l *linear) {
			_, err := p.expected(l)
			require.ErrorIs(t, err, errNotExpected)
			require.Empty(t, p.times)
			require.Empty(t, p.orders)
			chosen, err := p.pick(l)
			require.NoError(t, err)
			require.NotEmpty(t, p.times)
			expected, err := p.expected(l)
			require.NoError(t, err)
			require.Equal(t, chosen.name, expected.name)
			chosen.record(r, l)
		}}).program(d)
		require.NoError(t, err)
		close()
	})
}
