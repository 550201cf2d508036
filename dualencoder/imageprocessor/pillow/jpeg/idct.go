package jpeg

// transform brings rows of blocks from c.coeff to samples, from row first on.
func (c *component) transform(first, rows int) {
	var quant [64]int32
	if c.quant != nil { // else no scan had it
		for i, q := range c.quant {
			quant[i] = int32(q)
		}
	}
	n := 64 * c.stride
	for i := range rows {
		c.kernels.Inverse(c.pix[n*(first+i):n*(first+i+1)], 8*c.stride, c.coeff[n*i:n*(i+1)], &quant)
	}
}
