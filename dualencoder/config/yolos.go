package config

import "fmt"

// YOLOS describes a YOLOS (Fang et al., 2021).
type YOLOS struct {
	ViT
	DetectionTokens int
	MidPositions    bool // positions are added between layers too
}

func newYOLOS(s section, modelType string) Vision {
	v := &YOLOS{
		ViT:             s.vit(modelType, vitDefaults{image: extent{512, 864, pair}, patch: extent{16, 16, number}, act: "gelu", eps: 1e-12, qkvBias: true}),
		DetectionTokens: s.integer("num_detection_tokens", 100, 1, maxTokens),
		MidPositions:    s.boolean("use_mid_position_embeddings", true),
	}
	if !v.MidPositions {
		return v
	}
	if v.NumLayers < 1 {
		s.refuse("num_hidden_layers", v.NumLayers, "1 or more with use_mid_position_embeddings")
	}
	// The class counts these positions by area, and cannot use them where that is another number.
	if n := v.ImageHeight * v.ImageWidth / (v.PatchHeight * v.PatchWidth); n != v.Patches() && v.NumLayers > 1 {
		s.refuse("image_size", sides(v.ImageHeight, v.ImageWidth),
			fmt.Sprintf("as many patches, %d, as its area has, %d, with use_mid_position_embeddings", v.Patches(), n))
	}
	return v
}
