package dualencoder

import "math"

// pair is VisionTextDualEncoder: any two towers, as HuggingFace's classes of
// their own hold them.
func pair() class {
	return class{visionModule: "vision_model", projections: true, probabilities: softmax}
}

// softmax says which of some labels fits best, given that one does.
func softmax(logits []float64) {
	most := math.Inf(-1)
	for _, l := range logits {
		most = max(most, l)
	}
	sum := 0.0
	for i, l := range logits {
		logits[i] = math.Exp(l - most)
		sum += logits[i]
	}
	for i := range logits {
		logits[i] /= sum
	}
}
