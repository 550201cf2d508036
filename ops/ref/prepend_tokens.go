package ref

// PrependTokens puts tokens [s,d] before each of x [b,p,d] and adds positions
// [s+p,d] → [b,s+p,d].
func PrependTokens(tokens, x, positions []float64, b, s, p, d int) []float64 {
	var y []float64
	for n := range b {
		rows := append(append([]float64(nil), tokens[:s*d]...), x[n*p*d:(n+1)*p*d]...)
		for i, v := range rows {
			y = append(y, v+positions[i])
		}
	}
	return y
}
