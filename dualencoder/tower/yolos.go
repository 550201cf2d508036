package tower

import (
	"github.com/vkdual/vkdual/dualencoder/config"
	"github.com/vkdual/vkdual/dualencoder/weights"
	"github.com/vkdual/vkdual/ops"
	"github.com/vkdual/vkdual/runtime"
)

// A yolos is Fang et al., "You Only Look at One Sequence: Rethinking Transformer
// in Vision through Object Detection", 2021: a ViT with tokens for what is to be
// detected, whose positions are interpolated and may be added after each layer.
type yolos struct {
	pictures
	embeddings patches
	encoder    encoder[yolosLayer]
	layerNorm  layerNorm
	pooler     pooler
	grid       grid
	mid        runtime.Tensor // positions after each layer but the last, one grid below the other; or absent
}

func newYOLOS(w weights.Scope, c *config.YOLOS) yolos {
	d := c.HiddenSize
	e := w.Sub("embeddings")
	v := yolos{
		pictures:   newPictures(&c.ViT, anyOther),
		embeddings: newPatches(e, &c.ViT),
		encoder:    encoder[yolosLayer]{name: "encoder"},
		layerNorm:  newLayerNorm(w.Sub("layernorm"), d, c.LayerNormEps),
		pooler:     newPooler(w.Sub("pooler"), d),
		grid:       grid{1, c.ImageHeight / c.PatchHeight, c.ImageWidth / c.PatchWidth, c.DetectionTokens},
	}
	v.embeddings.before = e.Tokens([]int{1, 1, d}, "cls_token")
	v.embeddings.after = e.Tokens([]int{1, c.DetectionTokens, d}, "detection_tokens")
	table := e.Tokens([]int{1, v.grid.len(), d}, "position_embeddings")
	v.embeddings.positions = resized(table, v.grid, c.PatchHeight, c.PatchWidth, bicubic)
	w = w.Sub("encoder")
	for i := range c.NumLayers {
		v.encoder.layers = append(v.encoder.layers, yolosLayer{preNorm: newViTLayer(w.Sub("layer", i), &c.ViT)})
	}
	switch {
	case c.MidPositions && c.NumLayers > 1:
		v.mid = w.Tokens([]int{c.NumLayers - 1, 1, v.grid.len(), d}, "mid_position_embeddings")
	case c.MidPositions:
		w.Idle("mid_position_embeddings", 0, 1, v.grid.len(), d)
	}
	return v
}

// A yolosLayer is ViT's with positions added after it.
type yolosLayer struct {
	preNorm
	positions func(*runtime.Recorder) runtime.Tensor // of a program → [T,D]; nil: none
}

func (l yolosLayer) Forward(r *runtime.Recorder, x, mask runtime.Tensor, want Want) (y, probs runtime.Tensor) {
	y, probs = l.preNorm.Forward(r, x, mask, want)
	if l.positions != nil {
		y = ops.JoinTokens(r, y, ops.Joined{Positions: l.positions(r)})
	}
	return y, probs
}

func (v yolos) Forward(r *runtime.Recorder, pixels runtime.Tensor, want Want) Output {
	x := v.embeddings.Forward(r, pixels)
	out := v.positioned(pixels.Dim(2), pixels.Dim(3)).Forward(r, x, runtime.Tensor{}, want)
	out.Last = v.layerNorm.Forward(r, out.Last)
	out.Pooled = v.pooler.Forward(r, out.Last)
	return out
}

// positioned is the encoder with its positions for such a picture.
func (v yolos) positioned(height, width int) encoder[yolosLayer] {
	if !v.mid.Valid() {
		return v.encoder
	}
	y, x := bicubic(height/v.patchHeight, v.grid.rows), bicubic(width/v.patchWidth, v.grid.columns)
	e := encoder[yolosLayer]{name: v.encoder.name}
	for i, l := range v.encoder.layers {
		if i < len(v.encoder.layers)-1 {
			l.positions = func(r *runtime.Recorder) runtime.Tensor {
				return ops.WeightedRows(r, v.mid, v.grid.resample(i*v.grid.len(), y, x))
			}
		}
		e.layers = append(e.layers, l)
	}
	return e
}
