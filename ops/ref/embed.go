package ref

// Embed is table[ids] (+ base): table [V,width], ids [n], base [n,width] or nil → [n,width].
func Embed(base, table []float64, ids []uint32, width int) []float64 {
	y := make([]float64, len(ids)*width)
	for i, id := range ids {
		for d := range width {
			y[i*width+d] = table[int(id)*width+d]
			if base != nil {
				y[i*width+d] += base[i*width+d]
			}
		}
	}
	return y
}
