package tower

import (
	"encoding/binary"
	"math"
	"math/bits"
	"slices"

	"github.com/vkdual/vkdual/dualencoder/config"
	"github.com/vkdual/vkdual/dualencoder/weights"
	"github.com/vkdual/vkdual/ops"
	"github.com/vkdual/vkdual/runtime"
)

// newMPNet is Song et al., "MPNet: Masked and Permuted Pre-training for Language
// Understanding", 2020: a RoBERTa without token types, all of whose layers add
// one bias by the distance of two tokens to their scores.
func newMPNet(w weights.Scope, c *config.MPNet) roBERTa {
	w.Sub("encoder").Order("layer", "relative_attention_bias")
	e := mpnetEncoder{
		encoder:   encoder[postNorm]{name: "encoder"},
		distances: w.Sub("encoder").Tokens([]int{c.Buckets, c.NumHeads}, "relative_attention_bias.weight"),
	}
	for i := range c.NumLayers {
		e.layers = append(e.layers, newMPNetLayer(w.Sub("encoder").Sub("layer", i), &c.BERT))
	}
	b := afterPad(&c.BERT, bert{
		embeddings: newTokenEmbeddings(w.Sub("embeddings"), &c.BERT, c.HiddenSize),
		encoder:    e,
		pooler:     newPooler(w.Sub("pooler"), c.HiddenSize),
	})
	b.limits.Types = math.MaxInt32 // they may be given, and are not looked at
	return b
}

func newMPNetLayer(w weights.Scope, c *config.BERT) postNorm {
	d := c.HiddenSize
	attention := newSelfAttention(w.Sub("attention", "attn"), d, c.NumHeads, true, "q", "k", "v")
	attention.name = "attention.attn.context" // the module's own output is that of o
	return postNorm{
		name:      w.Name(),
		attention: attention,
		project:   newLinear(w.Sub("attention", "attn", "o"), d, d),
		attended:  newLayerNorm(w.Sub("attention", "LayerNorm"), d, c.LayerNormEps),
		mlp:       newBERTMLP(w, c),
		outward:   newLayerNorm(w.Sub("output", "LayerNorm"), d, c.LayerNormEps),
	}
}

// An mpnetEncoder gives all its layers one bias.
type mpnetEncoder struct {
	encoder[postNorm]
	distances runtime.Tensor // [buckets,H]
}

func (e mpnetEncoder) Forward(r *runtime.Recorder, x, mask runtime.Tensor, want Want) Output {
	n := x.Dim(1)
	var index []byte
	for query := range n {
		for key := range n {
			index = binary.NativeEndian.AppendUint32(index, uint32(mpnetBucket(key-query)))
		}
	}
	bias := ops.PairBias(r, e.distances, r.Constant(runtime.U32, index, n, n))
	layers := slices.Clone(e.layers)
	for i := range layers {
		layers[i].attention.bias = bias
	}
	return encoder[postNorm]{name: e.name, layers: layers}.Forward(r, x, mask, want)
}

// mpnetBucket sorts the distance from a query to a key: half of the buckets are
// for keys that follow, and in each half 8 for the nearest, one each, and 8 for
// those up to 128 tokens away, two for each doubling; the last has all beyond.
func mpnetBucket(distance int) int {
	const half, exact = config.MPNetBuckets / 2, config.MPNetBuckets / 4
	first, n := 0, -distance
	if distance > 0 {
		first, n = half, distance
	}
	if n < exact {
		return first + n
	}
	return first + min(exact+bits.Len(uint(n)*uint(n)/(exact*exact))-1, half-1)
}
