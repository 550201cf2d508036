package ref

// MeanTokens is the mean of x[:,first:,:] over t, of x [b,t,d] → [b,d].
func MeanTokens(x []float64, b, t, d, first int) []float64 {
	y := make([]float64, b*d)
	for i := range y {
		for j := first; j < t; j++ {
			y[i] += x[(i/d*t+j)*d+i%d] / float64(t-first)
		}
	}
	return y
}
