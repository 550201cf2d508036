package ref

import "math"

// CosineHeads is qkv [n,3,heads,width] with queries and keys of length 1, and
// queries times exp(min(logScale, most)).
func CosineHeads(qkv, logScale []float64, n, width int, most float64) []float64 {
	heads := len(logScale)
	y := make([]float64, len(qkv))
	for i := range n * 3 * heads {
		x := qkv[i*width:][:width]
		factor := 1.0
		if part := i / heads % 3; part < 2 {
			sum := 0.0
			for _, v := range x {
				sum += v * v
			}
			factor = 1 / max(math.Sqrt(sum), 1e-12)
			if part == 0 {
				factor *= math.Exp(min(logScale[i%heads], most))
			}
		}
		for c, v := range x {
			y[i*width+c] = v * factor
		}
	}
	return y
}
