package ref

// GatherRows is x[:,index,:] of x [b,t,d], zeros where the index is 2³²-1.
func GatherRows(x []float64, index []uint32, b, t, d int) []float64 {
	var y []float64
	for n := range b {
		for _, i := range index {
			row := make([]float64, d)
			if i != 1<<32-1 {
				copy(row, x[(n*t+int(i))*d:])
			}
			y = append(y, row...)
		}
	}
	return y
}
