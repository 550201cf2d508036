package dualencoder

import "math"

// siglip is SigLIP (Zhai et al., "Sigmoid Loss for Language Image Pre-Training",
// 2023): each pair of picture and text is judged by itself.
func siglip() class {
	return class{
		logitBias: true, filled: true, probabilities: sigmoid,
		noLoss: "transformers' SiglipModel has none",
	}
}

// sigmoid says of each label by itself whether it fits.
func sigmoid(logits []float64) {
	for i, l := range logits {
		logits[i] = 1 / (1 + math.Exp(-l))
	}
}
