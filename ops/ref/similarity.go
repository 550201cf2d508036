package ref

// Similarity is scale · a·bᵀ + bias of a [m,d] and b [n,d] → [m,n].
func Similarity(a, b []float64, m, n, d int, scale, bias float64) []float64 {
	y := make([]float64, m*n)
	for i := range m {
		for j := range n {
			for k := range d {
				y[i*n+j] += a[i*d+k] * b[j*d+k]
			}
			y[i*n+j] = y[i*n+j]*scale + bias
		}
	}
	return y
}
