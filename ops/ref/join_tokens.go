package ref

// JoinTokens puts tokens before [s,d] and after [e,d] each of x [b,p,d] and adds
// positions [s+p+e,d] or nil → [b,s+p+e,d].
func JoinTokens(before, x, after, positions []float64, b, p, d int) []float64 {
	var y []float64
	for n := range b {
		rows := append(append(append([]float64(nil), before...), x[n*p*d:(n+1)*p*d]...), after...)
		for i, v := range rows {
			if positions != nil {
				v += positions[i]
			}
			y = append(y, v)
		}
	}
	return y
}
