package config

// BEiT describes a BEiT (Bao et al., 2021).
type BEiT struct {
	ViT
	AbsolutePositions bool
	RelativePositions bool    // each layer has a bias of its own
	SharedPositions   bool    // and all have one together
	MeanPooling       bool    // of the patches; else the CLS token
	MaskToken         bool    // is a parameter, of its training
	LayerScale        float64 // where it starts; 0: there is none
}

func newBEiT(s section, modelType string) Vision {
	return &BEiT{
		ViT:               s.vit(modelType, vitDefaults{image: extent{224, 224, either}, patch: extent{16, 16, either}, act: "gelu", eps: 1e-12}),
		AbsolutePositions: s.boolean("use_absolute_position_embeddings", false),
		RelativePositions: s.boolean("use_relative_position_bias", false),
		SharedPositions:   s.boolean("use_shared_relative_position_bias", false),
		MeanPooling:       s.boolean("use_mean_pooling", true),
		MaskToken:         s.boolean("use_mask_token", false),
		LayerScale:        max(s.number("layer_scale_init_value", 0.1, -1e3, 1e3), 0),
	}
}
