package ref

// Affine is x·weight (+ bias) over rows of width len(weight); bias may be nil.
func Affine(x, weight, bias []float64) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = v * weight[i%len(weight)]
		if bias != nil {
			y[i] += bias[i%len(weight)]
		}
	}
	return y
}
