package runtime_test

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/vkdual/vkdual/runtime"
	"github.com/vkdual/vkdual/runtime/devicetest"
)

// double appends a dispatch of 2x.
func double(r *runtime.Recorder, x runtime.Tensor) runtime.Tensor {
	n := x.Elems()
	y := r.Temp(runtime.F32, x.Shape()...)
	r.Dispatch(runtime.Dispatch{
		Op: "double", Module: "add", Push: []uint32{uint32(n)}, Groups: [3]int{(n + 63) / 64},
		Bind: runtime.Bind(x, x, y), FLOPs: float64(n),
	})
	return y
}

// doublings is a program whose outputs are 2x, 4x, … of an input of n elements.
func doublings(t testing.TB, d *runtime.Device, n, times int) *runtime.Program {
	r := d.NewRecorder("doublings")
	x := r.Input("x", runtime.F32, n)
	for range times {
		x = double(r, x)
	}
	r.Output("y", x)
	r.Output("y again", x)
	p, err := r.Finish()
	require.NoError(t, err)
	t.Cleanup(p.Close)
	in := runtime.F32s(p.Input("x"))
	for i := range in {
		in[i] = float32(i) - 7.5
	}
	return p
}

func TestRunIsTheSameUnderEverySwitch(t *testing.T) {
	for name, s := range map[string]runtime.Switches{
		"plain":      {},
		"poison":     {Poison: true},
		"no alias":   {NoAliasing: true, Poison: true},
		"one submit": {SubmitFLOPs: 1, Poison: true},
		"staged":     {Staged: true, Poison: true},
		"profile":    {Profile: true},
	} {
		t.Run(name, func(t *testing.T) {
			devicetest.EachWith(t, s, func(t *testing.T, d *runtime.Device) {
				const n, times = 1000, 9
				p := doublings(t, d, n, times)
				for range 2 {
					require.NoError(t, p.Run(t.Context()))
					for i, y := range runtime.F32s(p.Output("y")) {
						require.Equal(t, (float32(i)-7.5)*(1<<times), y)
					}
				}
				require.Equal(t, p.Output("y"), p.Output("y again"))
				require.Equal(t, []int{n}, p.OutputShape("y"))
				require.Equal(t, s.Profile, p.Profile() != nil)
				st := p.Stats()
				require.Equal(t, times, st.Dispatches)
				require.LessOrEqual(t, st.BoundBytes, st.DeviceBytes)
				require.Contains(t, p.String(), "9 dispatches")
			})
		})
	}
}

func TestRunAllocatesNothing(t *testing.T) {
	devicetest.EachWith(t, runtime.Switches{}, func(t *testing.T, d *runtime.Device) {
		p := doublings(t, d, 64, 3)
		ctx := context.Background()
		require.Zero(t, testing.AllocsPerRun(20, func() {
			if err := p.Run(ctx); err != nil {
				panic(err)
			}
		}))
	})
}

func TestCancelledContext(t *testing.T) {
	devicetest.Each(t, func(t *testing.T, d *runtime.Device) {
		p := doublings(t, d, 64, 3)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		require.ErrorIs(t, p.Run(ctx), context.Canceled)
		require.NoError(t, p.Run(t.Context()))
	})
}

// An error keeps the scope it arose in, the first one sticks, and nothing after
// it does harm.
func TestErrorsStickWithTheirScope(t *testing.T) {
	devicetest.Each(t, func(t *testing.T, d *runtime.Device) {
		for name, c := range map[string]struct {
			record func(r *runtime.Recorder)
			says   string
		}{
			"read before written": {func(r *runtime.Recorder) { double(r, r.Temp(runtime.F32, 8)) }, "nothing has written it"},
			"fused away": {func(r *runtime.Recorder) {
				x := r.Temp(runtime.F32, 8)
				r.Absorb(x, "a sum")
				double(r, x)
			}, "fused into a sum"},
			"another program's": {func(r *runtime.Recorder) {
				double(r, d.NewRecorder("other").Input("x", runtime.F32, 8))
			}, "not a value of this program"},
			"no dimension":  {func(r *runtime.Recorder) { r.Temp(runtime.F32, 3, 0) }, "dimension 1 is 0"},
			"too large":     {func(r *runtime.Recorder) { r.Temp(runtime.F32, math.MaxInt32, math.MaxInt32) }, "larger than any memory"},
			"reshape":       {func(r *runtime.Recorder) { r.Reshape(r.Input("x", runtime.F32, 8), 3) }, "[3]"},
			"absent output": {func(r *runtime.Recorder) { r.Output("y", runtime.Tensor{}) }, "absent"},
			"unwritten output": {func(r *runtime.Recorder) {
				double(r, r.Input("x", runtime.F32, 8))
				r.Output("y", r.Temp(runtime.F32, 8))
			}, `output "y": nothing writes it`},
			"empty": {func(r *runtime.Recorder) {}, "empty"},
		} {
			t.Run(name, func(t *testing.T) {
				r := d.NewRecorder("program")
				end := r.Scope("encoder")
				inner := r.Scope("layer.3")
				c.record(r)
				inner()
				end()
				double(r, r.Input("after", runtime.F32, 8))
				if name == "empty" {
					r = d.NewRecorder("program")
				}
				_, err := r.Finish()
				require.ErrorContains(t, err, c.says)
				if name != "empty" && name != "unwritten output" {
					require.ErrorContains(t, err, "program: encoder.layer.3: runtime: ")
				}
			})
		}
	})
}

func TestArenaKeepsWhatIsWritten(t *testing.T) {
	devicetest.Each(t, testArena)
	devicetest.EachWith(t, runtime.Switches{Staged: true}, testArena)
}

func testArena(t *testing.T, d *runtime.Device) {
	if d.Switches().Staged { // the staging buffer stays
		a := d.NewArena("first")
		x, err := a.Alloc("x", runtime.F32, 1)
		require.NoError(t, err)
		_, err = a.Read(x)
		require.NoError(t, err)
		a.Close()
	}
	before := d.UsedBytes()
	a := d.NewArena("weights")
	var ts []runtime.Tensor
	for i, n := range []int{1, 1000, 300_000, 7, 5_000_000} { // the last does not fit into the first blocks
		x, err := a.Alloc("x", runtime.F32, n)
		require.NoError(t, err)
		require.NoError(t, a.WriteRows(x, n, func(first int, dst []byte) error {
			for j := range runtime.F32s(dst) {
				runtime.F32s(dst)[j] = float32(i*1_000_000 + first + j)
			}
			return nil
		}))
		ts = append(ts, x)
	}
	for i, x := range ts {
		b, err := a.Read(x)
		require.NoError(t, err)
		got := runtime.F32s(b)
		require.Len(t, got, x.Elems())
		at := slices.IndexFunc(got, func(v float32) bool { return v < float32(i*1_000_000) })
		require.Equal(t, -1, at)
		require.Equal(t, float32(i*1_000_000+x.Elems()-1), got[len(got)-1])
	}
	require.Greater(t, a.Bytes(), uint64(20_000_000))
	a.Close()
	require.Equal(t, before, d.UsedBytes())

	_, err := d.NewArena("weights").Alloc("table", runtime.F32, 1<<40)
	require.ErrorContains(t, err, `alloc "weights"`)
	require.ErrorContains(t, err, "VK_ERROR_OUT_OF_DEVICE_MEMORY")
}

func TestPickingADevice(t *testing.T) {
	devicetest.Each(t, func(t *testing.T, d *runtime.Device) {
		cs, err := runtime.List(runtime.Options{Device: d.Info().Name})
		require.NoError(t, err)
		picked := slices.IndexFunc(cs, func(c runtime.Candidate) bool { return c.Picked })
		require.Equal(t, d.Index(), cs[picked].Index)
		_, err = runtime.Open(runtime.Options{Device: "no such device"})
		var unknown *runtime.UnknownDeviceError
		require.ErrorAs(t, err, &unknown)
		require.Contains(t, err.Error(), d.Info().Name)
		_, err = runtime.List(runtime.Options{Device: "99"})
		require.ErrorAs(t, err, &unknown)
		_, err = runtime.List(runtime.Options{Device: fmt.Sprintf("%d,nothing", d.Index())})
		require.ErrorAs(t, err, &unknown)
		require.Equal(t, "nothing", unknown.Want)

		_, err = runtime.List(runtime.Options{Device: fmt.Sprintf("%d, %s", d.Index(), strings.Fields(d.Info().Name)[0])})
		var list *runtime.DeviceListError
		require.ErrorAs(t, err, &list)
		require.ErrorContains(t, err, "are both")
		var all []string
		for _, c := range cs {
			all = append(all, fmt.Sprint(c.Index))
		}
		several, err := runtime.List(runtime.Options{Device: strings.Join(all, ",")})
		require.NoError(t, err)
		for _, c := range several {
			require.True(t, c.Picked)
			require.Equal(t, fmt.Sprint(c.Index), c.Want)
		}
		if len(all) > 1 {
			_, err = runtime.Open(runtime.Options{Device: strings.Join(all, ",")})
			require.ErrorAs(t, err, &list)
		}
	})
}

// A program that reads tensors without memory can be compiled, is refused
// otherwise, and its pipelines are those of its like with memory.
func TestProgramsAreCompiledWithoutMemory(t *testing.T) {
	devicetest.Each(t, func(t *testing.T, d *runtime.Device) {
		before := d.UsedBytes()
		shapes := d.NewShapes("shapes")
		x, err := shapes.Alloc("x", runtime.F32, 1<<30) // more than there is
		require.NoError(t, err)
		require.NoError(t, shapes.WriteRows(x, 1, func(int, []byte) error { panic("there is nowhere to write to") }))
		_, err = shapes.Read(x)
		require.ErrorContains(t, err, "not a tensor in an arena's memory")
		small, err := shapes.Alloc("small", runtime.F32, 5)
		require.NoError(t, err)

		record := func(o ...runtime.RecordOption) *runtime.Recorder {
			r := d.NewRecorder("ahead", o...)
			r.Output("y", double(r, small))
			return r
		}
		_, err = record().Finish()
		require.ErrorContains(t, err, "has no memory")
		require.Zero(t, d.Pipelines())
		require.NoError(t, record(runtime.Ahead()).Compile())
		require.Equal(t, 1, d.Pipelines())
		require.Equal(t, before, d.UsedBytes())
		doublings(t, d, 5, 2)
		require.Equal(t, 1, d.Pipelines())
	})
}
