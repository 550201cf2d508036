package dualencoder

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/vkdual/vkdual/runtime"
	"github.com/vkdual/vkdual/runtime/devicetest"
)

// What is compiled while the weights are read is what the first batches run. All
// they add is a few pipelines that the check of a kernel runs beside its own.
func TestFirstBatchesAreCompiledAhead(t *testing.T) {
	untimed := runtime.Switches{Poison: true, Tune: -1}
	for _, name := range []string{"vit-bert", "clip-roberta", "siglip", "altclip", "swinv2-ernie", "dinov2-albert"} {
		t.Run(name, func(t *testing.T) {
			devicetest.EachWith(t, untimed, func(t *testing.T, d *runtime.Device) {
				m := openGolden(t, d, filepath.Join(models, name), Options{})
				require.NoError(t, m.compileAhead(make(chan struct{})))
				made := d.Pipelines()
				for _, s := range m.likely() {
					p, err := m.record(s)
					require.NoError(t, err)
					p.Close()
				}
				t.Log(made, d.Pipelines())
				require.LessOrEqual(t, d.Pipelines()-made, made/3)
			})
		})
	}
}
