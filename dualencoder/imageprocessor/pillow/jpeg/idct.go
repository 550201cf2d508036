package jpeg

// The inverse transform is Loeffler, Ligtenberg and Moschytz's ("Practical
// fast 1-D DCT algorithms with 11 multiplications", 1989) with the precision,
// order and rounding of libjpeg's accurate integer method: 13-bit constants,
// columns first, 2 fractional bits kept in between.
const (
	constBits = 13
	passBits  = 2
)

// transform does all blocks of a progressive component.
func (c *component) transform() {
	if c.quant == nil { // no scan had it
		c.quant = new([64]uint16)
	}
	for i := range c.stride * c.rows {
		c.put((*[64]int16)(c.coeff[64*i:]), i, false)
	}
	c.coeff = nil
}

// put dequantises a block and writes its samples at block index at. flat says
// that only the first coefficient is not zero.
func (c *component) put(block *[64]int16, at int, flat bool) {
	stride := 8 * c.stride
	dst := c.pix[(at/c.stride)*8*stride+(at%c.stride)*8:]
	if flat {
		v := sample(descale(int32(block[0])*int32(c.quant[0])<<passBits, passBits+3))
		for y := range 8 {
			row := dst[y*stride : y*stride+8]
			for x := range row {
				row[x] = v
			}
		}
		return
	}
	var w [64]int32
	for x := range 8 {
		q := func(y int) int32 { return int32(block[8*y+x]) * int32(c.quant[8*y+x]) }
		if block[8+x]|block[16+x]|block[24+x]|block[32+x]|block[40+x]|block[48+x]|block[56+x] == 0 {
			v := q(0) << passBits
			for y := range 8 {
				w[8*y+x] = v
			}
			continue
		}
		var out [8]int32
		inverse8(&out, q(0), q(1), q(2), q(3), q(4), q(5), q(6), q(7))
		for y, v := range out {
			w[8*y+x] = descale(v, constBits-passBits)
		}
	}
	for y := range 8 {
		r := w[8*y : 8*y+8 : 8*y+8]
		var out [8]int32
		inverse8(&out, r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7])
		row := dst[y*stride : y*stride+8 : y*stride+8]
		for x, v := range out {
			row[x] = sample(descale(v, constBits+passBits+3))
		}
	}
}

func descale(v int32, n uint) int32 { return (v + 1<<(n-1)) >> n }

// sample undoes the level shift.
func sample(v int32) byte { return byte(min(max(v+128, 0), 255)) }

// inverse8 is the transform of one row or column, scaled by 2^constBits.
func inverse8(out *[8]int32, x0, x1, x2, x3, x4, x5, x6, x7 int32) {
	// Even part: a rotation by 6π/16, then butterflies.
	z := (x2 + x6) * 4433
	e2, e3 := z-x6*15137, z+x2*6270
	e0, e1 := (x0+x4)<<constBits, (x0-x4)<<constBits
	a0, a3, a1, a2 := e0+e3, e0-e3, e1+e2, e1-e2

	// Odd part.
	z1, z2, z3, z4 := x7+x1, x5+x3, x7+x3, x5+x1
	z5 := (z3 + z4) * 9633
	z1, z2 = z1*-7373, z2*-20995
	z3, z4 = z3*-16069+z5, z4*-3196+z5
	o0 := x7*2446 + z1 + z3
	o1 := x5*16819 + z2 + z4
	o2 := x3*25172 + z2 + z3
	o3 := x1*12299 + z1 + z4

	out[0], out[7] = a0+o3, a0-o3
	out[1], out[6] = a1+o2, a1-o2
	out[2], out[5] = a2+o1, a2-o1
	out[3], out[4] = a3+o0, a3-o0
}
