package ref

// Similarity is scale · a·bᵀ of a [m,d] and b [n,d] → [m,n].
func Similarity(a, b []float64, m, n, d int, scale float64) []float64 {
	y := make([]float64, m*n)
	for i := range m {
		for j := range n {
			for k := range d {
				y[i*n+j] += a[i*d+k] * b[j*d+k]
			}
			y[i*n+j] *= scale
		}
	}
	return y
}
