package ref

// PairBias is y[h,p] = table[index[p],h] of table [·,heads] → [heads,len(index)].
func PairBias(table []float64, index []uint32, heads int) []float64 {
	var y []float64
	for h := range heads {
		for _, at := range index {
			y = append(y, table[int(at)*heads+h])
		}
	}
	return y
}
