package config

// AltCLIPText describes the text tower of AltCLIP: an XLM-RoBERTa whose states
// are projected.
type AltCLIPText struct {
	BERT
	ProjectDim int
}

// HiddenDim is what the tower gives, not what its layers have.
func (t *AltCLIPText) HiddenDim() int { return t.ProjectDim }

// readAltCLIP reads an AltCLIP (Chen et al., "AltCLIP: Altering the Language
// Encoder in CLIP for Extended Language Capabilities", 2022).
func readAltCLIP(s section, c *Config) {
	s.commonSpace(c, 768)
	c.Vision = newCLIPVision(s.half("vision_config"), "altclip_vision_model")
	text := s.half("text_config")
	class := afterPad()
	class.encoder = encoder{1024, 24, 16, 4096, "gelu", 1e-5, 0.02}
	class.vocab, class.positions, class.types = 250002, 514, 1
	c.Text = &AltCLIPText{text.bert("altclip_text_model", class), text.integer("project_dim", 768, 1, maxHidden)}
}
