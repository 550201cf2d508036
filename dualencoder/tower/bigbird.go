package tower

import (
	"math"

	"github.com/vkdual/vkdual/dualencoder/config"
	"github.com/vkdual/vkdual/dualencoder/weights"
	"github.com/vkdual/vkdual/runtime"
)

// newBigBird is Zaheer et al., "Big Bird: Transformers for Longer Sequences",
// 2020, with full attention: a BERT for texts that are not long enough for the
// sparse one.
func newBigBird(w weights.Scope, c *config.BigBird) bert {
	d := c.HiddenSize
	b := bert{
		fromZero:   fromZero{newTextLimits(&c.BERT)},
		embeddings: newTokenEmbeddings(w.Sub("embeddings"), &c.BERT, d),
		pooler:     pooler{newLinear(w.AtLeast(runtime.Q8).Sub("pooler"), d, d), "activation"},
	}
	if c.RescaleEmbeddings {
		b.embeddings.scale = math.Sqrt(float64(d))
	}
	if n := c.MaxTokens; n > 0 {
		b.limits.Tokens, b.limits.Length = n, min(n, b.limits.Length)
	}
	e := encoder[postNorm]{name: "encoder"}
	for i := range c.NumLayers {
		e.layers = append(e.layers, newBERTLayer(w.Sub("encoder").Sub("layer", i), &c.BERT, c.QKVBias))
	}
	b.encoder = e
	return b
}
