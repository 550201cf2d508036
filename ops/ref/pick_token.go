package ref

import "slices"

// SelectFirst is the token of x [b,t,d] at the first place where ids [b,t] has
// id, and the first token of a sequence that has none → [b,d].
func SelectFirst(x []float64, ids []uint32, b, t, d int, id uint32) []float64 {
	return pickToken(x, b, t, d, func(n int) int { return max(slices.Index(ids[n*t:(n+1)*t], id), 0) })
}

// SelectHighest is the token of x [b,t,d] at the first place where a sequence of
// ids [b,t] has its highest → [b,d].
func SelectHighest(x []float64, ids []uint32, b, t, d int) []float64 {
	return pickToken(x, b, t, d, func(n int) int {
		s := ids[n*t : (n+1)*t]
		return slices.Index(s, slices.Max(s))
	})
}

func pickToken(x []float64, b, t, d int, of func(n int) int) []float64 {
	var y []float64
	for n := range b {
		at := n*t + of(n)
		y = append(y, x[at*d:(at+1)*d]...)
	}
	return y
}
