package ref

// MultiplyAdd is the sum of eight chains of 16·turns links v → v/2 + 3/8 for each x,
// which begin at x, x+1, … x+7.
func MultiplyAdd(x []float64, turns int) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		for c := range 8 {
			w := v + float64(c)
			for range 16 * turns {
				w = w/2 + 0.375
			}
			y[i] += w
		}
	}
	return y
}
