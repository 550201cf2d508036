package config

// newSigLIP reads the vision tower of SigLIP (Zhai et al., 2023).
func newSigLIP(s section, modelType string) Vision {
	v := s.vit(modelType, vitDefaults{image: 224, patch: 16, act: "gelu_pytorch_tanh", eps: 1e-6})
	return &v
}
