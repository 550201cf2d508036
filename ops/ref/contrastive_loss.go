package ref

import "math"

// ContrastiveLoss is the mean cross entropy of the rows and the columns of
// logits [n,n] against the diagonal.
func ContrastiveLoss(logits []float64, n int) float64 {
	loss := 0.0
	for i := range n {
		for _, at := range []func(int) float64{
			func(j int) float64 { return logits[i*n+j] },
			func(j int) float64 { return logits[j*n+i] },
		} {
			top := math.Inf(-1)
			for j := range n {
				top = max(top, at(j))
			}
			sum := 0.0
			for j := range n {
				sum += math.Exp(at(j) - top)
			}
			loss += math.Log(sum) + top - at(i)
		}
	}
	return loss / float64(2*n)
}
