package config

import (
	"encoding/json"
	"fmt"
)

// Swin describes a Swin Transformer (Liu et al., 2021), the one in Donut (Kim et
// al., 2022), which lacks the last norm, or a Swin v2 (Liu et al., 2022).
type Swin struct {
	Type             string
	EmbedDim         int
	Stages           []SwinStage
	HiddenAct        string
	LayerNormEps     float64
	ImageHeight      int
	ImageWidth       int
	PatchHeight      int
	PatchWidth       int
	NumChannels      int
	QKVBias          bool
	InitializerRange float64
}

// A SwinStage is blocks of one width; between two stages the patches are merged
// four to one, of twice the width.
type SwinStage struct {
	Width            int
	Depth            int
	NumHeads         int
	IntermediateSize int
	Window           int    // patches along a side
	Shift            int    // of every second block's windows
	Pretrained       [2]int // height and width of the windows that v2 was trained with; height 0: Window
}

func (v *Swin) ModelType() string  { return v.Type }
func (v *Swin) Deviation() float64 { return v.InitializerRange }
func (v *Swin) HiddenDim() int     { return v.Stages[len(v.Stages)-1].Width }

// Patches is the number of patches of a picture, whose last ones are filled up.
func (v *Swin) Patches() int {
	return (v.ImageHeight + v.PatchHeight - 1) / v.PatchHeight * ((v.ImageWidth + v.PatchWidth - 1) / v.PatchWidth)
}

const (
	maxStages = 16
	maxWindow = 64 // 4096 tokens
)

func newSwin(s section, modelType string) Vision {
	v := s.swin(modelType)
	return &v
}

// newSwinV2 fits the windows into the config's pictures: one that is wider than
// the stage is high becomes as wide as that, and is not shifted.
func newSwinV2(s section, modelType string) Vision {
	v := s.swin(modelType)
	pretrained := s.windowSizes("pretrained_window_sizes", len(v.Stages))
	for i := range v.Stages {
		stage, rows := &v.Stages[i], v.ImageHeight/v.PatchHeight>>i
		stage.Pretrained = pretrained[i]
		switch {
		case rows < 1:
			s.refuse("image_size", sides(v.ImageHeight, v.ImageWidth), fmt.Sprintf("a height of at least %d, for a patch in stage %d", v.PatchHeight<<i, i))
			return &v
		case rows <= stage.Window:
			stage.Window, stage.Shift = rows, 0
		}
		if stage.Window == 1 && stage.Pretrained[0] == 0 {
			s.refuse("window_size", stage.Window, fmt.Sprintf("at least 2, in a picture at least %d high, or pretrained_window_sizes: positions in windows of one patch (stage %d) are 0/0", 2*v.PatchHeight<<i, i))
			return &v
		}
	}
	return &v
}

func (s section) swin(modelType string) Swin {
	v := Swin{
		Type:             modelType,
		EmbedDim:         s.integer("embed_dim", 96, 1, maxHidden),
		HiddenAct:        s.choice("hidden_act", "gelu", Activations()),
		LayerNormEps:     s.number("layer_norm_eps", 1e-5, 0, 1),
		NumChannels:      s.integer("num_channels", 3, 1, maxChannels),
		QKVBias:          s.boolean("qkv_bias", true),
		InitializerRange: s.number("initializer_range", 0.02, 0, 1e6),
	}
	v.ImageHeight, v.ImageWidth = s.size("image_size", extent{224, 224, either}, maxImage)
	v.PatchHeight, v.PatchWidth = s.size("patch_size", extent{4, 4, either}, maxImage)
	if v.PatchHeight > v.ImageHeight || v.PatchWidth > v.ImageWidth {
		s.refuse("patch_size", sides(v.PatchHeight, v.PatchWidth), "at most image_size, "+sides(v.ImageHeight, v.ImageWidth))
	} else if n := v.Patches(); n > maxTokens {
		s.refuse("patch_size", sides(v.PatchHeight, v.PatchWidth), fmt.Sprintf("at most %d patches, not %d", maxTokens, n))
	}
	if s.boolean("use_absolute_embeddings", false) {
		s.wrong("use_absolute_embeddings", "false: transformers makes a position more than there are patches, and fails to add them")
	}
	s.noPruning()
	v.Stages = s.swinStages(v.EmbedDim)
	return v
}

// swinStages has one stage at least, whatever is wrong.
func (s section) swinStages(width int) []SwinStage {
	depths := s.integers("depths", []int{2, 2, 6, 2}, maxStages, maxLayers)
	heads := s.integers("num_heads", []int{3, 6, 12, 24}, maxStages, maxHidden)
	window := s.integer("window_size", 7, 1, maxWindow)
	ratio := s.number("mlp_ratio", 4, 0, maxIntermediate)
	if len(heads) < len(depths) {
		s.refuse("num_heads", fmt.Sprint(heads), fmt.Sprintf("a number for each of the %d stages that depths has", len(depths)))
		return []SwinStage{{Width: width}}
	}
	var stages []SwinStage
	for i, depth := range depths {
		stage := SwinStage{
			Width: width << i, Depth: depth, NumHeads: heads[i], IntermediateSize: int(ratio * float64(width<<i)),
			Window: window, Shift: window / 2,
		}
		switch {
		case stage.Width > maxHidden:
			s.refuse("embed_dim", width, fmt.Sprintf("at most %d, since it doubles with each of the %d stages", maxHidden>>(len(depths)-1), len(depths)))
			return append(stages, stage)
		case stage.Width%stage.NumHeads != 0:
			s.refuse("num_heads", heads[i], fmt.Sprintf("a divisor of the width of stage %d, %d", i, stage.Width))
		case stage.IntermediateSize < 1 || stage.IntermediateSize > maxIntermediate:
			s.refuse("mlp_ratio", ratio, fmt.Sprintf("an MLP of 1 to %d hidden units", maxIntermediate))
		}
		stages = append(stages, stage)
	}
	return stages
}

// windowSizes reads a size or a pair for each of n stages; none where it is
// absent or null, or where the height is 0.
func (s section) windowSizes(name string, n int) [][2]int {
	sizes := make([][2]int, n)
	if !s.has(name) || s.null(name) {
		return sizes
	}
	var list []json.RawMessage
	good := json.Unmarshal(s.raw[name], &list) == nil && len(list) >= n
	for i := 0; good && i < n; i++ {
		sizes[i][0], sizes[i][1], good = sizeOrPair(list[i], func(size int) bool { return size >= 0 && size != 1 && size <= maxImage })
	}
	if !good {
		s.wrong(name, fmt.Sprintf("a list of a size for each of the %d stages: 0 for none, or from 2 to %d, or a pair [height, width] of such", n, maxImage))
	}
	return sizes
}
