package ref

import "math"

// Normalize divides each row of x [n,d] by its L2 norm.
func Normalize(x []float64, n, d int) []float64 {
	y := make([]float64, n*d)
	for i := range n {
		sum := 0.0
		for _, v := range x[i*d : (i+1)*d] {
			sum += v * v
		}
		for j := range d {
			y[i*d+j] = x[i*d+j] / math.Sqrt(sum)
		}
	}
	return y
}
