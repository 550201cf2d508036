package tower

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/vkdual/vkdual/dualencoder/config"
	"github.com/vkdual/vkdual/ops"
)

// What a config lets through has a tower, and an activation.
func TestEveryTypeThatAConfigTakesIsBuilt(t *testing.T) {
	textTypes, visionTypes := config.TextTypes(), slices.DeleteFunc(config.VisionTypes(), func(s string) bool { return s == "clip" })
	for _, class := range config.Classes() {
		if class == config.ModelType {
			continue
		}
		c, err := config.Parse([]byte(fmt.Sprintf(`{"model_type": %q}`, class)), config.FileName)
		require.NoError(t, err)
		textTypes, visionTypes = append(textTypes, c.Text.ModelType()), append(visionTypes, c.Vision.ModelType())
	}
	require.ElementsMatch(t, textTypes, slices.Sorted(maps.Keys(texts)))
	slices.Sort(visionTypes)
	require.Equal(t, slices.Compact(visionTypes), slices.Sorted(maps.Keys(visions)))
	require.Equal(t, config.Activations(), ops.ActivationNames())
}

func TestPositions(t *testing.T) {
	ids := []uint32{7, 1, 1, 9, 0, 1}
	at := make([]uint32, len(ids))
	fromZero{}.Positions(at, ids)
	require.Equal(t, []uint32{0, 1, 2, 3, 4, 5}, at)
	roBERTa{pad: 1}.Positions(at, ids)
	require.Equal(t, []uint32{2, 1, 1, 3, 4, 1}, at)
}

// Where the bucket changes, as transformers has it.
func TestMPNetBuckets(t *testing.T) {
	var back, ahead []int
	for n := 1; n < 600; n++ {
		if mpnetBucket(-n) != mpnetBucket(1-n) {
			back = append(back, n)
		}
		if n > 1 && mpnetBucket(n) != mpnetBucket(n-1) {
			ahead = append(ahead, n)
		}
	}
	require.Equal(t, []int{1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 23, 32, 46, 64, 91}, back)
	require.Equal(t, back[1:], ahead)
	require.Equal(t, []int{0, 15, 17, 31}, []int{mpnetBucket(0), mpnetBucket(-1 << 20), mpnetBucket(1), mpnetBucket(1 << 20)})
}
