package dualencoder

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/vkdual/vkdual/dualencoder/config"
	"github.com/vkdual/vkdual/runtime"
	"github.com/vkdual/vkdual/runtime/devicetest"
)

// Towers of real size take little more memory than the values that live at once;
// openGolden holds every golden model to the same. Two layers take as much as
// twelve.
func TestMemoryOfBaseSizedTowers(t *testing.T) {
	devicetest.Each(t, func(t *testing.T, d *runtime.Device) {
		cfg, err := config.Parse([]byte(`{"model_type": "vision-text-dual-encoder", "projection_dim": 512,
			"vision_config": {"model_type": "vit", "num_hidden_layers": 2},
			"text_config": {"model_type": "bert", "num_hidden_layers": 2, "vocab_size": 100}}`), "base")
		require.NoError(t, err)
		m, err := New(d, cfg, 1, Options{})
		require.NoError(t, err)
		defer m.Close()
		side := picture{3, 224, 224}
		for _, s := range []shape{
			{images: 1, picture: side}, {images: 8, picture: side}, {texts: 1, length: 32}, {texts: 32, length: 60},
			{texts: 8, length: 128}, {images: 2, picture: side, texts: 3, length: 17, full: true},
		} {
			p, err := m.record(s)
			require.NoError(t, err)
			requirePlanned(t, p)
			p.Close()
		}
	})
}
