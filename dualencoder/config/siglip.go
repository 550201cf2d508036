package config

import "fmt"

// readSigLIP reads a whole SigLIP (Zhai et al., 2023). It has no projections:
// what its towers give is what is compared.
func readSigLIP(s section, c *Config) {
	// An older spelling of the halves was never known to this class.
	vision, _ := s.object("vision_config")
	text, _ := s.object("text_config")
	c.Vision = newSigLIP(vision, "siglip_vision_model")
	c.Text = text.clipText("siglip_text_model", encoder{768, 12, 12, 3072, "gelu_pytorch_tanh", 1e-6, 0.02}, 32000, 64)
	c.ProjectionDim = c.Text.HiddenDim()
	if d := c.Vision.HiddenDim(); d != c.ProjectionDim {
		vision.refuse("hidden_size", d, fmt.Sprintf("text_config.hidden_size, %d: nothing projects the one to the other", c.ProjectionDim))
	}
}

// newSigLIP reads the vision tower of SigLIP.
func newSigLIP(s section, modelType string) Vision {
	v := s.vit(modelType, vitDefaults{image: extent{224, 224, number}, patch: extent{16, 16, number}, act: "gelu_pytorch_tanh", eps: 1e-6})
	return &v
}
