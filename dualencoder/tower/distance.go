package tower

import (
	"math"

	"github.com/vkdual/vkdual/dualencoder/config"
	"github.com/vkdual/vkdual/dualencoder/weights"
	"github.com/vkdual/vkdual/ops"
	"github.com/vkdual/vkdual/runtime"
)

// A distance is an embedding of how far the query is behind the key, whose
// product with the query (Shaw et al., "Self-Attention with Relative Position
// Representations", 2018), or with both ("Method 4" of Huang et al., "Improve
// Transformer Models with Better Relative Position Embeddings", 2020), is added
// to the scores.
type distance struct {
	table runtime.Tensor // [2·positions-1, D/H]
	both  bool           // key too
	scale float32        // of the products; 0: as the scores, 1/√(D/H)
}

// newDistance is absent where positions are absolute.
func newDistance(w weights.Scope, c *config.BERT) distance {
	if c.PositionEmbedding == config.Absolute {
		return distance{}
	}
	return distance{
		table: w.Tokens([]int{2*c.MaxPositions - 1, c.HiddenSize / c.NumHeads}, "distance_embedding.weight"),
		both:  c.PositionEmbedding == config.RelativeKeyQuery,
	}
}

// Forward is the bias [B,H,T,T] of the attention in.
func (d distance) Forward(r *runtime.Recorder, in ops.AttentionInput) runtime.Tensor {
	scale := d.scale
	if scale == 0 {
		scale = float32(1 / math.Sqrt(float64(d.table.Dim(1))))
	}
	return ops.DistanceBias(r, ops.DistanceInput{QKV: in.QKV, Table: d.table, Heads: in.Heads, Keys: d.both, Scale: scale})
}
