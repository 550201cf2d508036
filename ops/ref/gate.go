package ref

// Gate is activation(x₁)·x₂ of the halves of each row of x [n,2·d] → [n,d].
func Gate(x []float64, activation string, n, d int) []float64 {
	y := make([]float64, n*d)
	for i := range y {
		at := i/d*2*d + i%d
		y[i] = Activations[activation](x[at]) * x[at+d]
	}
	return y
}
