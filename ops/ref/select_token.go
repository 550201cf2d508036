package ref

// SelectToken is x[:,token,:] of x [b,t,d] → [b,d].
func SelectToken(x []float64, b, t, d, token int) []float64 {
	var y []float64
	for n := range b {
		y = append(y, x[(n*t+token)*d:(n*t+token+1)*d]...)
	}
	return y
}
