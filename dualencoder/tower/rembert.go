package tower

import (
	"github.com/vkdual/vkdual/dualencoder/config"
	"github.com/vkdual/vkdual/dualencoder/weights"
)

// newRemBERT is Chung et al., "Rethinking embedding coupling in pre-trained
// language models", 2020: a BERT with embeddings narrower than its encoder.
func newRemBERT(w weights.Scope, c *config.RemBERT) bert {
	widen := newLinear(w.Sub("encoder", "embedding_hidden_mapping_in"), c.HiddenSize, c.EmbeddingSize)
	return bert{
		fromZero:   fromZero{newTextLimits(&c.BERT)},
		embeddings: newTokenEmbeddings(w.Sub("embeddings"), &c.BERT, c.EmbeddingSize),
		widen:      &widen,
		encoder:    newBERTEncoder(w.Sub("encoder"), &c.BERT),
		pooler:     newPooler(w.Sub("pooler"), c.HiddenSize),
	}
}
