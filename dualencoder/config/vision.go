package config

import "fmt"

// Vision is the part of a Config that describes the vision tower.
type Vision interface {
	ModelType() string
	HiddenDim() int
	Deviation() float64 // of new parameters
	Pixels() (channels, height, width int)
}

// ViT describes a Vision Transformer (Dosovitskiy et al., 2020), DeiT (Touvron
// et al., 2020) or the vision tower of CLIP (Radford et al., 2021).
type ViT struct {
	Type             string
	HiddenSize       int
	NumLayers        int
	NumHeads         int
	IntermediateSize int
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

func (v *ViT) ModelType() string  { return v.Type }
func (v *ViT) Deviation() float64 { return v.InitializerRange }
func (v *ViT) HiddenDim() int     { return v.HiddenSize }
func (v *ViT) Pixels() (channels, height, width int) {
	return v.NumChannels, v.ImageHeight, v.ImageWidth
}

// Patches is the number of patches of a picture; pixels beyond the last whole
// patch are not looked at, as a strided convolution does it.
func (v *ViT) Patches() int {
	return (v.ImageHeight / v.PatchHeight) * (v.ImageWidth / v.PatchWidth)
}

func newViT(s section, modelType string) Vision {
	clip := modelType == "clip_vision_model"
	patch, act, eps := 16, "gelu", 1e-12
	if clip {
		patch, act, eps = 32, "quick_gelu", 1e-5
	}
	e := s.encoder(act, eps)
	v := &ViT{
		Type:             modelType,
		HiddenSize:       e.hidden,
		NumLayers:        e.layers,
		NumHeads:         e.heads,
		IntermediateSize: e.intermediate,
		HiddenAct:        e.act,
		LayerNormEps:     e.eps,
		InitializerRange: e.initializer,
		NumChannels:      s.integer("num_channels", 3, 1, maxChannels),
		QKVBias:          true, // CLIP's class has no such switch
	}
	v.ImageHeight, v.ImageWidth = s.size("image_size", 224, maxImage, !clip)
	v.PatchHeight, v.PatchWidth = s.size("patch_size", patch, maxImage, !clip)
	if !clip {
		v.QKVBias = s.boolean("qkv_bias", true)
	}
	if v.PatchHeight > v.ImageHeight || v.PatchWidth > v.ImageWidth {
		s.refuse("patch_size", pair(v.PatchHeight, v.PatchWidth), "at most image_size, "+pair(v.ImageHeight, v.ImageWidth))
	} else if n := v.Patches(); n > maxTokens {
		s.refuse("patch_size", pair(v.PatchHeight, v.PatchWidth), fmt.Sprintf("at most %d patches, not %d", maxTokens, n))
	}
	return v
}

func pair(h, w int) string {
	if h == w {
		return fmt.Sprint(h)
	}
	return fmt.Sprintf("[%d, %d]", h, w)
}
