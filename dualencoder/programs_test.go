package dualencoder

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/vkdual/vkdual/runtime"
	"github.com/vkdual/vkdual/runtime/devicetest"
)

func TestProgramsAreKeptUpToTheirBound(t *testing.T) {
	devicetest.Each(t, func(t *testing.T, d *runtime.Device) {
		m := openGolden(t, d, filepath.Join(models, "vit-bert"), Options{Programs: 3})
		recorded := map[shape]int{}
		record := m.programs.record
		m.programs.record = func(s shape) (*runtime.Program, error) {
			recorded[s]++
			if s.texts == 99 {
				return nil, errTooLarge
			}
			return record(s)
		}
		before := d.UsedBytes()
		use := func(n int) error {
			return m.programs.use(shape{texts: n, length: 4}, func(*runtime.Program) error { return nil })
		}
		for _, n := range []int{1, 2, 3, 1, 4, 1, 2} { // 4 drops 2, the oldest; the second 2 drops 3
			require.NoError(t, use(n))
		}
		for n, want := range map[int]int{1: 1, 2: 2, 3: 1, 4: 1} {
			require.Equal(t, want, recorded[shape{texts: n, length: 4}], "%d texts", n)
		}
		require.Len(t, m.programs.known, 3)
		require.Greater(t, d.UsedBytes(), before)

		// One that fails leaves nothing, and is tried again without the others.
		require.ErrorIs(t, use(99), errTooLarge)
		require.Equal(t, 2, recorded[shape{texts: 99, length: 4}])
		require.Empty(t, m.programs.known)
		require.Zero(t, m.programs.bytes)
		require.Equal(t, before, d.UsedBytes())
	})
}
