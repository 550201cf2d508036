package ops

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/vkdual/vkdual/runtime"
	"github.com/vkdual/vkdual/runtime/devicetest"
)

// Every kernel gives package ref's numbers on every size, twice the same bits.
func TestKernelsAgainstReference(t *testing.T) {
	devicetest.Each(t, func(t *testing.T, d *runtime.Device) {
		tested := map[string]int{}
		err := SelfTest(t.Context(), d, func(r Result) bool {
			tested[r.Kernel]++
			if r.Err != nil {
				t.Error(r)
			}
			return true
		})
		require.NoError(t, err)
		for _, name := range []string{"linear", "attention", "layer_norm", "embed", "activate"} {
			require.NotZero(t, tested[name], name)
		}
		t.Log(tested)
	})
}
