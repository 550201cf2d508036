package ops

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/vkdual/vkdual/runtime"
	"github.com/vkdual/vkdual/runtime/devicetest"
	"github.com/vkdual/vkdual/vk"
)

// The order of the list stands but for a clear margin; what was not timed keeps its place.
func TestRank(t *testing.T) {
	for _, c := range []struct {
		ms   laps
		want string
	}{
		{nil, "abcd"},
		{laps{"a": 10, "b": 9.8, "c": 9.6, "d": 11}, "abcd"},
		{laps{"a": 10, "b": 9.8, "c": 7, "d": 9.6}, "cabd"},
		{laps{"a": 10, "c": 7}, "cabd"},
		{laps{"b": 10, "d": 1}, "adbc"},
	} {
		var got string
		for _, k := range rank([]kernel[any]{{name: "a"}, {name: "b"}, {name: "c"}, {name: "d"}}, c.ms) {
			got += k.name
		}
		require.Equal(t, c.want, got, "%v", c.ms)
	}
}

// A race that has no time times two kernels and goes on where the device is
// opened again; one that is done is not run again, and none is where tuning is off.
func TestRacesAreBoundedAndGoOn(t *testing.T) {
	devicetest.EachWith(t, runtime.Switches{Tune: time.Millisecond}, func(t *testing.T, d *runtime.Device) {
		testRaces(t, d, "goes on", []string{"a", "b"}, []string{"a", "b", "c"}, []string{"a", "b", "c"})
	})
	devicetest.EachWith(t, runtime.Switches{Tune: -1}, func(t *testing.T, d *runtime.Device) {
		testRaces(t, d, "is off", nil, nil)
	})
}

// testRaces opens a family of three kernels again and again, and expects these to be timed.
func testRaces(t *testing.T, d *runtime.Device, op string, timed ...[]string) {
	f := layerNormFamily
	f.op, f.kernels = "a race that "+op, nil
	for _, name := range []string{"a", "b", "c"} {
		k := layerNormKernels[len(layerNormKernels)-1]
		k.name, k.needs = name, func(*vk.Info) string { return "" }
		f.kernels = append(f.kernels, k)
	}
	for _, want := range timed {
		p := &picker[*layerNorm]{}
		p.init(newChooser(d), f)
		_, close, err := layerNormTrial{17, 40}.of(kernel[*layerNorm]{name: op, record: p.record}).program(d)
		require.NoError(t, err)
		close()
		got := slices.Sorted(maps.Keys(p.times[f.op+", more rows"]))
		require.Equal(t, want, got)
	}
}
