package config

// newSigLIP reads the vision tower of SigLIP (Zhai et al., 2023).
func newSigLIP(s section, modelType string) Vision {
	v := s.vit(modelType, vitDefaults{image: extent{224, 224, number}, patch: extent{16, 16, number}, act: "gelu_pytorch_tanh", eps: 1e-6})
	return &v
}
