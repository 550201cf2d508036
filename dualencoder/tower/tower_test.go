package tower

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/vkdual/vkdual/dualencoder/config"
	"github.com/vkdual/vkdual/ops"
)

// What a config lets through has a tower, and an activation.
func TestEveryTypeThatAConfigTakesIsBuilt(t *testing.T) {
	require.Equal(t, config.TextTypes(), slices.Sorted(maps.Keys(texts)))
	require.Equal(t, slices.DeleteFunc(config.VisionTypes(), func(s string) bool { return s == "clip" }), slices.Sorted(maps.Keys(visions)))
	require.Equal(t, config.Activations(), ops.ActivationNames())
}

func TestPositions(t *testing.T) {
	ids := []uint32{7, 1, 1, 9, 0, 1}
	at := make([]uint32, len(ids))
	bert{}.Positions(at, ids)
	require.Equal(t, []uint32{0, 1, 2, 3, 4, 5}, at)
	roBERTa{pad: 1}.Positions(at, ids)
	require.Equal(t, []uint32{2, 1, 1, 3, 4, 1}, at)
}
