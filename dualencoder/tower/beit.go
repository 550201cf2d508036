package tower

import (
	"encoding/binary"

	"github.com/vkdual/vkdual/dualencoder/config"
	"github.com/vkdual/vkdual/dualencoder/weights"
	"github.com/vkdual/vkdual/ops"
	"github.com/vkdual/vkdual/runtime"
)

// A beit is Bao et al., "BEiT: BERT Pre-Training of Image Transformers", 2021: a
// ViT whose attention may know how patches lie to one another, by a bias of each
// layer and by one of all of them.
type beit struct {
	pictures
	embeddings patches
	window     window
	shared     runtime.Tensor // the bias table of all layers; absent: none
	encoder    encoder[beitLayer]
	layerNorm  layerNorm // of all tokens, or with meanPool of the pooled one
	meanPool   bool
}

func newBEiT(w weights.Scope, c *config.BEiT) beit {
	d := c.HiddenSize
	e := w.Sub("embeddings")
	rows, columns := c.ImageHeight/c.PatchHeight, c.ImageWidth/c.PatchWidth
	v := beit{
		pictures:   newPictures(&c.ViT, anyOther),
		embeddings: newPatches(e, &c.ViT),
		window:     window{rows, columns},
		encoder:    encoder[beitLayer]{name: "encoder"},
		meanPool:   c.MeanPooling,
	}
	// There, absolute positions are a part of the module that is ours without them.
	v.embeddings.embedding.name = "patch_embeddings.projection"
	v.embeddings.before = e.Tokens([]int{1, 1, d}, "cls_token")
	if c.MaskToken {
		e.Idle("mask_token", 1, 1, d) // of its training
	} else {
		e.Spare("mask_token")
	}
	if c.AbsolutePositions {
		table := e.Tokens([]int{1, 1 + c.Patches(), d}, "position_embeddings")
		v.embeddings.positions = resized(table, grid{before: 1, rows: rows, columns: columns}, c.PatchHeight, c.PatchWidth, bicubic)
	}
	if c.SharedPositions {
		v.shared = v.window.table(w.Sub("encoder"), c.NumHeads)
	}
	if c.SharedPositions || c.RelativePositions {
		v.sizes = samePatches // the biases are of so many
	}
	for i := range c.NumLayers {
		v.encoder.layers = append(v.encoder.layers, newBEiTLayer(w.Sub("encoder").Sub("layer", i), c, v.window))
	}
	if c.MeanPooling {
		v.layerNorm = newLayerNorm(w.Sub("pooler").Sub("layernorm"), d, c.LayerNormEps)
	} else {
		v.layerNorm = newLayerNorm(w.Sub("layernorm"), d, c.LayerNormEps)
	}
	return v
}

// A beitLayer is ViT's with a bias of attention.
type beitLayer struct {
	preNorm
	own runtime.Tensor // the table of its bias; absent: none

	// Of a program:
	index  runtime.Tensor // the row of a table, for each pair of tokens [T,T]
	shared runtime.Tensor // the bias of all layers [1,H,T,T], or absent
}

func newBEiTLayer(w weights.Scope, c *config.BEiT, at window) beitLayer {
	d := c.HiddenSize
	a := w.Sub("attention", "attention")
	attention := selfAttention{name: a.Name(), heads: c.NumHeads, qkv: a.StackBut(d, d, "key", "query", "key", "value")}
	l := beitLayer{preNorm: newViTLayerWith(w, &c.ViT, attention)}
	if c.RelativePositions {
		l.own = at.table(a, c.NumHeads)
	}
	if c.LayerScale > 0 {
		l.scales = [2]layerScale{{gamma: w.Vector("lambda_1", d)}, {gamma: w.Vector("lambda_2", d)}}
	}
	return l
}

func (l beitLayer) Forward(r *runtime.Recorder, x, mask runtime.Tensor, want Want) (y, probs runtime.Tensor) {
	l.attention.bias = l.shared
	if l.own.Valid() {
		l.attention.bias = ops.PairBias(r, l.own, l.index)
		if l.shared.Valid() {
			l.attention.bias = ops.Add(r, l.attention.bias, l.shared)
		}
	}
	return l.preNorm.Forward(r, x, mask, want)
}

func (v beit) Forward(r *runtime.Recorder, pixels runtime.Tensor, want Want) Output {
	x := v.embeddings.Forward(r, pixels)
	out := v.biased(r).Forward(r, x, runtime.Tensor{}, want)
	if !v.meanPool {
		out.Last = v.layerNorm.Forward(r, out.Last)
	}
	defer r.Scope("pooler")()
	if v.meanPool {
		out.Pooled = v.layerNorm.Forward(r, ops.MeanTokens(r, out.Last, 1))
	} else {
		out.Pooled = ops.SelectToken(r, out.Last, 0)
	}
	r.Tap(out.Pooled)
	return out
}

// biased is the encoder with what its layers need of the program.
func (v beit) biased(r *runtime.Recorder) encoder[beitLayer] {
	if v.sizes == anyOther {
		return v.encoder
	}
	index := v.window.index(r)
	var shared runtime.Tensor
	if v.shared.Valid() {
		shared = ops.PairBias(r, v.shared, index)
	}
	e := encoder[beitLayer]{name: v.encoder.name}
	for _, l := range v.encoder.layers {
		l.index, l.shared = index, shared
		e.layers = append(e.layers, l)
	}
	return e
}

// A window is a grid of patches that know how they lie to one another, after a
// CLS token.
type window struct{ rows, columns int }

// distances is how many there are, with those from, to and within the CLS token.
func (at window) distances() int { return (2*at.rows-1)*(2*at.columns-1) + 3 }

// table is the bias of each distance [distances,H].
func (at window) table(w weights.Scope, heads int) runtime.Tensor {
	return w.Sub("relative_position_bias").Tokens([]int{at.distances(), heads}, "relative_position_bias_table")
}

// index is the distance from each token to each other one [T,T].
func (at window) index(r *runtime.Recorder) runtime.Tensor {
	n := at.rows*at.columns + 1
	toPatch, toCLS, within := at.distances()-3, at.distances()-2, at.distances()-1
	var index []byte
	for i := range n {
		for j := range n {
			p, q := i-1, j-1
			down, across := p/at.columns-q/at.columns, p%at.columns-q%at.columns
			d := (down+at.rows-1)*(2*at.columns-1) + across + at.columns - 1
			switch {
			case i == 0 && j == 0:
				d = within
			case i == 0:
				d = toPatch
			case j == 0:
				d = toCLS
			}
			index = binary.NativeEndian.AppendUint32(index, uint32(d))
		}
	}
	return r.Constant(runtime.U32, index, n, n)
}
