package ops

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/vkdual/vkdual/internal/tolerance"
	"github.com/vkdual/vkdual/ops/ref"
	"github.com/vkdual/vkdual/runtime"
	"github.com/vkdual/vkdual/runtime/devicetest"
)

// An MLP with a residual is one dispatch a linear layer, whichever side of the
// sum the layer stands on, and gives the numbers of the separate steps; taps
// keep every step.
func TestFusionKeepsTheNumbers(t *testing.T) {
	const m, k, h = 11, 24, 40
	x, w1, w2, b1, b2 := random(1, m*k), random(2, h*k), random(3, k*h), random(4, h), random(5, k)
	want := ref.Linear(x, w1, b1, m, k, h)
	for i := range want {
		want[i] = ref.Activations["gelu"](want[i])
	}
	want = ref.Linear(want, w2, b2, m, h, k)
	for i := range want {
		want[i] += x[i]
	}
	devicetest.Each(t, func(t *testing.T, d *runtime.Device) {
		for _, c := range []struct {
			swap       bool
			tapped     bool
			dispatches int
		}{{false, false, 2}, {true, false, 2}, {false, true, 4}} {
			var opts []runtime.RecordOption
			if c.tapped {
				opts = append(opts, runtime.WithTaps())
			}
			a := d.NewArena("mlp")
			defer a.Close()
			l := &lab{r: d.NewRecorder("mlp", opts...), pack: Packer{Arena: a, DType: runtime.F32}}
			tap := func(name string, y runtime.Tensor) runtime.Tensor {
				defer l.r.Scope(name)()
				l.r.Tap(y)
				return y
			}
			in := l.input(x, m, k)
			y := tap("fc1", Linear(l.r, in, l.matrix(runtime.F32, h, k, w1, b1)))
			y = tap("act", Activate(l.r, y, GELU))
			y = tap("fc2", Linear(l.r, y, l.matrix(runtime.F32, k, h, w2, b2)))
			if c.swap {
				y = Add(l.r, y, in)
			} else {
				y = Add(l.r, in, y)
			}
			l.r.Output("y", y)
			p, err := l.r.Finish()
			require.NoError(t, err)
			defer p.Close()
			copy(p.Input("in0"), l.inputs[0].data)
			require.NoError(t, p.Run(t.Context()))
			_, err = distance(runtime.F32s(p.Output("y")), want, tolerance.Kernel)
			require.NoError(t, err)
			require.Equal(t, c.dispatches, p.Stats().Dispatches)
			if c.tapped {
				require.Equal(t, []string{"act.fc1", "act.act", "act.fc2", "y"}, p.Outputs())
			}
		}
	})
}

func TestFusedValueMustNotBeUsed(t *testing.T) {
	devicetest.Each(t, func(t *testing.T, d *runtime.Device) {
		a := d.NewArena("weights")
		defer a.Close()
		l := &lab{r: d.NewRecorder("program"), pack: Packer{Arena: a, DType: runtime.F32}}
		y := Linear(l.r, l.input(random(1, 8), 2, 4), l.matrix(runtime.F32, 4, 4, random(2, 16), nil))
		z := Activate(l.r, y, ReLU)
		l.r.Output("z", Add(l.r, z, Add(l.r, y, y)))
		_, err := l.r.Finish()
		require.ErrorContains(t, err, "fused into an activation")
	})
}

func TestShapesAreChecked(t *testing.T) {
	devicetest.Each(t, func(t *testing.T, d *runtime.Device) {
		for says, record := range map[string]func(r *runtime.Recorder, x runtime.Tensor){
			"ops: Add: b":                func(r *runtime.Recorder, x runtime.Tensor) { Add(r, x, r.Input("b", runtime.F32, 2, 5)) },
			"ops: LayerNorm: gamma":      func(r *runtime.Recorder, x runtime.Tensor) { LayerNorm(r, x, x, x, 1e-5) },
			"ops: Attention: QKV":        func(r *runtime.Recorder, x runtime.Tensor) { Attention(r, AttentionInput{QKV: x, Heads: 1}) },
			"ops: Patches: pixels":       func(r *runtime.Recorder, x runtime.Tensor) { Patches(r, x, 1, 1) },
			"ops: SelectToken: x":        func(r *runtime.Recorder, x runtime.Tensor) { SelectToken(r, x, 0) },
			"ops: ContrastiveLoss":       func(r *runtime.Recorder, x runtime.Tensor) { ContrastiveLoss(r, x) },
			"ops: Linear: x is f32[2 4]": func(r *runtime.Recorder, x runtime.Tensor) { Linear(r, x, Matrix{Out: 3, In: 5}) },
			"width 4 in 3 heads": func(r *runtime.Recorder, x runtime.Tensor) {
				Attention(r, AttentionInput{QKV: r.Input("q", runtime.F32, 1, 2, 12), Heads: 3})
			},
		} {
			r := d.NewRecorder("program")
			record(r, r.Input("x", runtime.F32, 2, 4))
			require.ErrorContains(t, r.Err(), says)
		}
	})
}
