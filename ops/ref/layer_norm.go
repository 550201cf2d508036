package ref

import "math"

// LayerNorm normalises each row of x [n,d] to mean 0 and variance 1, scales by
// gamma [d] and adds beta [d] (Ba et al., "Layer Normalization", 2016).
func LayerNorm(x, gamma, beta []float64, n, d int, eps float64) []float64 {
	y := make([]float64, n*d)
	for i := range n {
		row := x[i*d : (i+1)*d]
		mean, variance := 0.0, 0.0
		for _, v := range row {
			mean += v / float64(d)
		}
		for _, v := range row {
			variance += (v - mean) * (v - mean) / float64(d)
		}
		for j, v := range row {
			y[i*d+j] = (v-mean)/math.Sqrt(variance+eps)*gamma[j] + beta[j]
		}
	}
	return y
}
