package config

import "math"

// newDPT reads the encoder of a DPT (Ranftl et al., 2021), which is a ViT; the
// neck and the heads that make it dense are none of the class's.
func newDPT(s section, modelType string) Vision {
	v := s.vit(modelType, vitDefaults{image: extent{384, 384, either}, patch: extent{16, 16, number}, act: "gelu", eps: 1e-12, qkvBias: true})
	if n := int(math.Sqrt(float64(v.Patches()))); n*n != v.Patches() {
		s.refuse("image_size", sides(v.ImageHeight, v.ImageWidth), "a square, or a square number of patches: their positions are interpolated as a square's")
	}
	s.choice("readout_type", "project", []string{"ignore", "add", "project"})
	s.only("is_hybrid", false)
	s.only("backbone_config", nil)
	return &v
}
