package config

import "fmt"

// Vision is the part of a Config that describes the vision tower.
type Vision interface {
	ModelType() string
	HiddenDim() int
	Deviation() float64 // of new parameters
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

	InitializerFactor float64 // of CLIP alone: multiplies all of them
}

func (v *ViT) ModelType() string  { return v.Type }
func (v *ViT) Deviation() float64 { return v.InitializerRange }
func (v *ViT) HiddenDim() int     { return v.HiddenSize }

// Patches is the number of patches of a picture; pixels beyond the last whole
// patch are not looked at, as a strided convolution does it.
func (v *ViT) Patches() int {
	return (v.ImageHeight / v.PatchHeight) * (v.ImageWidth / v.PatchWidth)
}

func newViT(s section, modelType string) Vision {
	v := s.vit(modelType, vitDefaults{image: extent{224, 224, either}, patch: extent{16, 16, either}, act: "gelu", eps: 1e-12, qkvBias: true})
	return &v
}

// vitDefaults are what the classes that are a ViT differ in.
type vitDefaults struct {
	image, patch extent
	act          string
	eps          float64
	qkvBias      bool // there is a switch qkv_bias
}

func (s section) vit(modelType string, d vitDefaults) ViT {
	e := s.encoder(d.act, d.eps)
	v := ViT{
		Type:             modelType,
		HiddenSize:       e.hidden,
		NumLayers:        e.layers,
		NumHeads:         e.heads,
		IntermediateSize: e.intermediate,
		HiddenAct:        e.act,
		LayerNormEps:     e.eps,
		InitializerRange: e.initializer,
		NumChannels:      s.integer("num_channels", 3, 1, maxChannels),
		QKVBias:          true,
	}
	v.ImageHeight, v.ImageWidth = s.size("image_size", d.image, maxImage)
	v.PatchHeight, v.PatchWidth = s.size("patch_size", d.patch, maxImage)
	if d.qkvBias {
		v.QKVBias = s.boolean("qkv_bias", true)
	}
	v.check(s)
	return v
}

// check holds the sizes against one another.
func (v *ViT) check(s section) {
	if v.PatchHeight > v.ImageHeight || v.PatchWidth > v.ImageWidth {
		s.refuse("patch_size", sides(v.PatchHeight, v.PatchWidth), "at most image_size, "+sides(v.ImageHeight, v.ImageWidth))
	} else if n := v.Patches(); n > maxTokens {
		s.refuse("patch_size", sides(v.PatchHeight, v.PatchWidth), fmt.Sprintf("at most %d patches, not %d", maxTokens, n))
	}
}

func sides(h, w int) string {
	if h == w {
		return fmt.Sprint(h)
	}
	return fmt.Sprintf("[%d, %d]", h, w)
}
