package tower

import (
	"fmt"

	"github.com/vkdual/vkdual/dualencoder/config"
	"github.com/vkdual/vkdual/dualencoder/weights"
	"github.com/vkdual/vkdual/ops"
	"github.com/vkdual/vkdual/runtime"
)

// A swin is Liu et al., "Swin Transformer: Hierarchical Vision Transformer using
// Shifted Windows", 2021. Stages of blocks look at windows of patches, and
// between two stages patches are merged. Donut's (Kim et al., "OCR-free Document
// Understanding Transformer", 2022) lacks the last norm; swinv2.go has what
// version 2 does differently. The pooled output is the patches' mean.
type swin struct {
	channels, height, width int // of the config
	patchHeight, patchWidth int
	least                   area   // pixels of the smallest picture that it takes
	why                     string // it must be so large
	embedding               linear
	norm                    layerNorm
	stages                  []swinStage
	last                    layerNorm // the zero value: none
}

// A swinStage is blocks, and the merging that comes after them.
type swinStage struct {
	name   string
	blocks []swinBlock
	merge  func(r *runtime.Recorder, x runtime.Tensor, a area) runtime.Tensor // nil: none
}

// A swinBlock is x [B,rows·columns,D] → y of the same shape and, when wanted, the
// probabilities [B·windows,H,tokens,tokens] of its attention.
type swinBlock interface {
	Forward(r *runtime.Recorder, x runtime.Tensor, a area, want Want) (y, probs runtime.Tensor)
}

// The norms outside of blocks have PyTorch's epsilon, not the config's.
const swinEps = 1e-5

func newDonutSwin(w weights.Scope, c *config.Swin) swin {
	v := newSwinWith(w, c, newSwinV1Block, newMerging)
	// A window must fit into every stage: into the last, of 2ⁿ⁻¹ times fewer rows and columns.
	n := c.Stages[0].Window - 1
	for range c.Stages[1:] {
		n *= 2
	}
	v.least = area{n*c.PatchHeight + 1, n*c.PatchWidth + 1}
	v.why = fmt.Sprintf(", so that windows of window_size, %d patches, fit into all %d stages", c.Stages[0].Window, len(c.Stages))
	return v
}

func newSwin(w weights.Scope, c *config.Swin) swin {
	v := newDonutSwin(w, c)
	v.last = newLayerNorm(w.Sub("layernorm"), c.HiddenDim(), c.LayerNormEps)
	return v
}

func newSwinWith(w weights.Scope, c *config.Swin, block func(weights.Scope, *config.Swin, config.SwinStage, int) swinBlock,
	merging func(weights.Scope, int) func(*runtime.Recorder, runtime.Tensor, area) runtime.Tensor,
) swin {
	e := w.Sub("embeddings")
	e.Spare("mask_token") // of its training
	kernel := e.Sub("patch_embeddings", "projection").Kernel(true, c.EmbedDim, c.NumChannels, c.PatchHeight, c.PatchWidth)
	v := swin{
		channels: c.NumChannels, height: c.ImageHeight, width: c.ImageWidth,
		patchHeight: c.PatchHeight, patchWidth: c.PatchWidth,
		least:     area{1, 1},
		embedding: linear{"patch_embeddings", kernel},
		norm:      newLayerNorm(e.Sub("norm"), c.EmbedDim, swinEps),
	}
	for i, of := range c.Stages {
		s := w.Sub("encoder").Sub("layers", i)
		stage := swinStage{name: s.Name()}
		for j := range of.Depth {
			stage.blocks = append(stage.blocks, block(s.Sub("blocks", j), c, of, j))
		}
		if i < len(c.Stages)-1 {
			stage.merge = merging(s.Sub("downsample"), of.Width)
		}
		v.stages = append(v.stages, stage)
	}
	return v
}

func (v swin) Size() (channels, height, width int) { return v.channels, v.height, v.width }

func (v swin) Takes(channels, height, width int) (instead string) {
	if channels == v.channels && height >= v.least.rows && width >= v.least.columns {
		return ""
	}
	return fmt.Sprintf("[images %d height width] of at least %d×%d%s", v.channels, v.least.rows, v.least.columns, v.why)
}

func (v swin) Forward(r *runtime.Recorder, pixels runtime.Tensor, want Want) Output {
	var out Output
	x, a := v.embed(r, pixels)
	end := r.Scope("encoder")
	for _, stage := range v.stages {
		if want.HiddenStates {
			out.HiddenStates = append(out.HiddenStates, x)
		}
		var probs runtime.Tensor
		if x, a, probs = stage.Forward(r, x, a, want); want.Attentions {
			out.Attentions = append(out.Attentions, probs)
		}
	}
	if want.HiddenStates {
		out.HiddenStates = append(out.HiddenStates, x)
	}
	out.Last = tap(r, x)
	end()
	if v.last.gamma.Valid() {
		out.Last = v.last.Forward(r, out.Last)
	}
	out.Pooled = ops.MeanTokens(r, out.Last, 0)
	return out
}

func (v swin) embed(r *runtime.Recorder, pixels runtime.Tensor) (runtime.Tensor, area) {
	defer r.Scope("embeddings")()
	pixels = filledUp(r, pixels, v.patchHeight, v.patchWidth)
	x := v.embedding.Forward(r, ops.Patches(r, pixels, v.patchHeight, v.patchWidth))
	return tap(r, v.norm.Forward(r, x)), area{pixels.Dim(2) / v.patchHeight, pixels.Dim(3) / v.patchWidth}
}

// filledUp adds pixels of 0 at the right and at the bottom of pictures
// [B,C,H,W] until their patches are whole.
func filledUp(r *runtime.Recorder, pixels runtime.Tensor, patchHeight, patchWidth int) runtime.Tensor {
	b, c, h, w := pixels.Dim(0), pixels.Dim(1), pixels.Dim(2), pixels.Dim(3)
	height, width := (h+patchHeight-1)/patchHeight*patchHeight, (w+patchWidth-1)/patchWidth*patchWidth
	if height == h && width == w {
		return pixels
	}
	index := make([]uint32, 0, c*height*width)
	for i := range c * height * width {
		x, y, channel := i%width, i/width%height, i/width/height
		if at := uint32((channel*h+y)*w + x); y < h && x < w {
			index = append(index, at)
		} else {
			index = append(index, ops.NoRow)
		}
	}
	return r.Reshape(ops.GatherRows(r, r.Reshape(pixels, b, c*h*w, 1), index), b, c, height, width)
}

// Forward gives the probabilities of the last block alone, as transformers does.
func (s swinStage) Forward(r *runtime.Recorder, x runtime.Tensor, a area, want Want) (_ runtime.Tensor, _ area, probs runtime.Tensor) {
	defer r.Scope(s.name)()
	for i, b := range s.blocks {
		x, probs = b.Forward(r, x, a, Want{Attentions: want.Attentions && i == len(s.blocks)-1})
	}
	if s.merge != nil {
		x, a = s.merge(r, x, a), a.halved()
	}
	return tap(r, x), a, probs
}

// A swinV1Block normalises before attention and MLP.
type swinV1Block struct {
	name          string
	windows       windows
	before, after layerNorm
	attention     windowAttention
	mlp           mlp
}

func newSwinV1Block(w weights.Scope, c *config.Swin, s config.SwinStage, i int) swinBlock {
	w.Order("layernorm_before", "attention", "layernorm_after", "intermediate", "output")
	self := w.Sub("attention", "self")
	reach := 2*s.Window - 1
	table := self.Tokens([]int{reach * reach, s.NumHeads}, "relative_position_bias_table")
	self.Buffer("relative_position_index", []int{s.Window * s.Window, s.Window * s.Window}, windows{side: s.Window}.rows)
	b := swinV1Block{
		name:    w.Name(),
		windows: windows{s.Window, i % 2 * s.Shift},
		before:  newLayerNorm(w.Sub("layernorm_before"), s.Width, c.LayerNormEps),
		after:   newLayerNorm(w.Sub("layernorm_after"), s.Width, c.LayerNormEps),
		attention: windowAttention{
			name: self.Name(), heads: s.NumHeads, apart: -100,
			qkv:     self.Stack(s.Width, s.Width, c.QKVBias, "query", "key", "value"),
			table:   func(*runtime.Recorder) runtime.Tensor { return table },
			project: newWindowProjection(w, s),
		},
		mlp: newSwinMLP(w, c, s),
	}
	return b
}

func newSwinMLP(w weights.Scope, c *config.Swin, s config.SwinStage) mlp {
	return mlp{
		up:   newLinear(w.Sub("intermediate", "dense"), s.IntermediateSize, s.Width),
		down: newLinear(w.Sub("output", "dense"), s.Width, s.IntermediateSize),
		act:  activation(c.HiddenAct),
	}
}

func (b swinV1Block) Forward(r *runtime.Recorder, x runtime.Tensor, a area, want Want) (y, probs runtime.Tensor) {
	defer r.Scope(b.name)()
	w := b.windows
	if a.smaller() <= w.side {
		w.shift = 0
	}
	context, probs := b.attention.Forward(r, b.before.Forward(r, x), a, w, want)
	x = ops.Add(r, x, context)
	return tap(r, ops.Add(r, x, b.mlp.Forward(r, b.after.Forward(r, x)))), probs
}

// newMerging normalises four patches side by side, and takes half of them.
func newMerging(w weights.Scope, d int) func(*runtime.Recorder, runtime.Tensor, area) runtime.Tensor {
	w.Order("reduction", "norm")
	name, norm := w.Name(), newLayerNorm(w.Sub("norm"), 4*d, swinEps)
	reduction := linear{"reduction", w.Sub("reduction").Projection(2*d, 4*d)}
	return func(r *runtime.Recorder, x runtime.Tensor, a area) runtime.Tensor {
		defer r.Scope(name)()
		return tap(r, reduction.Forward(r, norm.Forward(r, fourByFour(r, x, a))))
	}
}

// fourByFour is x [B,rows·columns,D] → [B,⌈rows/2⌉·⌈columns/2⌉,4·D]: each patch beside those
// below it, right of it, and right below it; zeros beyond the edge.
func fourByFour(r *runtime.Recorder, x runtime.Tensor, a area) runtime.Tensor {
	var index []uint32
	for i := 0; i < a.rows; i += 2 {
		for j := 0; j < a.columns; j += 2 {
			for k := range 4 {
				if y, x := i+k%2, j+k/2; y < a.rows && x < a.columns {
					index = append(index, uint32(y*a.columns+x))
				} else {
					index = append(index, ops.NoRow)
				}
			}
		}
	}
	return r.Reshape(ops.GatherRows(r, x, index), x.Dim(0), len(index)/4, 4*x.Dim(2))
}
