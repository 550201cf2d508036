package ref

// WeightedRows is y[n,:] = Σ_k weight[n·taps+k] · x[index[n·taps+k],:] of x [·,d].
func WeightedRows(x []float64, index []int, weight []float64, taps, d int) []float64 {
	y := make([]float64, len(index)/taps*d)
	for k, at := range index {
		for i := range d {
			y[k/taps*d+i] += weight[k] * x[at*d+i]
		}
	}
	return y
}
