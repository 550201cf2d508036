package config

import "math"

// DINOv2 describes a DINOv2 (Oquab et al., 2023). IntermediateSize is the width
// inside of the MLP, after the activation.
type DINOv2 struct {
	ViT
	SwiGLU     bool
	LayerScale float64 // where it starts
	Grid       int     // positions lie in Grid rows of Grid columns; 0: they cannot be interpolated
}

func newDINOv2(s section, modelType string) Vision {
	v := &DINOv2{
		ViT:        s.vit(modelType, vitDefaults{image: extent{224, 224, either}, patch: extent{16, 16, either}, act: "gelu", eps: 1e-6, qkvBias: true}),
		SwiGLU:     s.boolean("use_swiglu_ffn", false),
		LayerScale: s.number("layerscale_value", 1, -1e3, 1e3),
	}
	ratio := s.number("mlp_ratio", 4, 0, maxIntermediate)
	v.IntermediateSize = int(float64(v.HiddenSize) * ratio)
	if v.SwiGLU {
		v.IntermediateSize = (int(float64(v.IntermediateSize)*2/3) + 7) / 8 * 8
	}
	if v.IntermediateSize < 1 || v.IntermediateSize > maxIntermediate {
		s.refuse("mlp_ratio", ratio, "an MLP of 1 to 262144 hidden units")
	}
	if n := int(math.Sqrt(float64(v.Patches()))); n*n == v.Patches() && v.PatchHeight == v.PatchWidth {
		v.Grid = n
	} else if v.ImageHeight != v.ImageWidth {
		s.refuse("image_size", sides(v.ImageHeight, v.ImageWidth), "a square, or a square number of square patches: those are interpolated to an oblong picture")
	}
	return v
}
