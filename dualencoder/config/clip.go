package config

// CLIPText describes the text tower of CLIP (Radford et al., 2021), or of
// SigLIP (Zhai et al., 2023).
type CLIPText struct {
	Type             string
	VocabSize        int
	HiddenSize       int
	NumLayers        int
	NumHeads         int
	IntermediateSize int
	HiddenAct        string
	LayerNormEps     float64
	MaxPositions     int
	EOSTokenID       int // the token that stands for the text; 2: that of the highest id does. SigLIP has no use for it
	InitializerRange float64
}

func (t *CLIPText) ModelType() string  { return t.Type }
func (t *CLIPText) Deviation() float64 { return t.InitializerRange }
func (t *CLIPText) HiddenDim() int     { return t.HiddenSize }

// readCLIP reads a whole CLIP.
func readCLIP(s section, c *Config) {
	s.commonSpace(c, 512)
	c.Vision = newCLIPVision(s.half("vision_config"), "clip_vision_model")
	text := s.half("text_config")
	t := text.clipText("clip_text_model", encoder{512, 12, 8, 2048, "quick_gelu", 1e-5, 0.02}, 49408, 77)
	t.EOSTokenID = text.integer("eos_token_id", 49407, 0, maxVocab)
	c.Text = t
}

func (s section) clipText(modelType string, def encoder, vocab, positions int) *CLIPText {
	e := s.encoderOf(def, share{})
	return &CLIPText{
		Type:             modelType,
		HiddenSize:       e.hidden,
		NumLayers:        e.layers,
		NumHeads:         e.heads,
		IntermediateSize: e.intermediate,
		HiddenAct:        e.act,
		LayerNormEps:     e.eps,
		InitializerRange: e.initializer,
		VocabSize:        s.integer("vocab_size", vocab, 1, maxVocab),
		MaxPositions:     s.integer("max_position_embeddings", positions, 1, maxTokens),
	}
}

// newCLIP reads the vision part of a whole CLIP as the vision tower of a pair.
func newCLIP(s section, _ string) Vision {
	return newCLIPVision(s.half("vision_config"), "clip_vision_model")
}

// newCLIPVision reads the vision tower of CLIP, which Chinese-CLIP and AltCLIP
// have too.
func newCLIPVision(s section, modelType string) Vision {
	v := s.vit(modelType, vitDefaults{image: extent{224, 224, number}, patch: extent{32, 32, number}, act: "quick_gelu", eps: 1e-5})
	v.InitializerFactor = s.number("initializer_factor", 1, 0, 1e6)
	return &v
}
