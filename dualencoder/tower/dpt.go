package tower

import (
	"math"

	"github.com/vkdual/vkdual/dualencoder/config"
	"github.com/vkdual/vkdual/dualencoder/weights"
	"github.com/vkdual/vkdual/runtime"
)

// newDPT is the encoder of Ranftl et al., "Vision Transformers for Dense
// Prediction", 2021: a ViT whose positions are interpolated, from a square
// whatever the config's picture is.
func newDPT(w weights.Scope, c *config.ViT) viT {
	side := int(math.Sqrt(float64(c.Patches())))
	at := func(table runtime.Tensor) positions {
		return resized(table, grid{before: 1, rows: side, columns: side}, c.PatchHeight, c.PatchWidth, bilinear)
	}
	v := newViTWith(w, c, at, "cls_token")
	v.sizes = anyOther
	return v
}
