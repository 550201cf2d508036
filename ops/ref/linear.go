package ref

// Linear is x·wᵀ + bias of x [m,k], w [n,k] and bias [n] or nil → [m,n].
func Linear(x, w, bias []float64, m, k, n int) []float64 {
	y := make([]float64, m*n)
	for i := range m {
		for j := range n {
			sum := 0.0
			for l := range k {
				sum += x[i*k+l] * w[j*k+l]
			}
			if bias != nil {
				sum += bias[j]
			}
			y[i*n+j] = sum
		}
	}
	return y
}
