package ops

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/vkdual/vkdual/runtime"
	"github.com/vkdual/vkdual/runtime/devicetest"
)

// Every kernel is reached by its name: either it is chosen for the first
// operation that it takes, or the error says what the device lacks. What it
// answers is the matter of TestKernelsAgainstReference.
func TestForceReachesEveryKernel(t *testing.T) {
	devicetest.Each(t, func(t *testing.T, d *runtime.Device) {
		forceEach(t, d, linearFamily)
		forceEach(t, d, attentionFamily)
		forceEach(t, d, layerNormFamily)
	})
}

func forceEach[Op any](t *testing.T, d *runtime.Device, f family[Op]) {
	for _, k := range f.kernels {
		p := &picker[Op]{}
		c := newChooser(d)
		c.force = []string{k.name}
		p.init(c, f)
		if lacks := k.lacks(d); lacks != "" {
			require.ErrorContains(t, c.err, k.name+" is forced, but "+d.Info().Name+" lacks "+lacks)
			continue
		}
		require.NoError(t, c.err)
		var picked []string
		chosen := kernel[Op]{name: k.name, record: func(r *runtime.Recorder, op Op) {
			order := p.order(op, nil)
			i := slices.IndexFunc(order, func(k kernel[Op]) bool { return k.does(d, op) })
			picked = append(picked, order[i].name)
			order[i].record(r, op)
		}}
		for _, s := range f.samples() {
			a := d.NewArena("weights")
			l := &lab{r: d.NewRecorder(s.String()), pack: Packer{Arena: a, DType: runtime.F32}}
			s.of(chosen).record(l)
			a.Close()
			require.NoError(t, l.err)
			require.NoError(t, l.r.Err())
			if slices.Contains(picked, k.name) {
				break
			}
		}
		require.Contains(t, picked, k.name)
	}
}
