package pillow

// yccTables are libjpeg's conversion from YCbCr (JFIF, full range) to RGB in
// fixed point with 16 fractional bits.
type yccTables struct {
	crR, cbB, crG, cbG [256]int32
}

func newYCCTables() *yccTables {
	const (
		one  = 1 << 16
		half = one / 2
		rCr  = 91881  // 1.40200
		bCb  = 116130 // 1.77200
		gCr  = 46802  // 0.71414
		gCb  = 22554  // 0.34414
	)
	t := &yccTables{}
	for i := range int32(256) {
		x := i - 128
		t.crR[i] = (rCr*x + half) >> 16
		t.cbB[i] = (bCb*x + half) >> 16
		t.crG[i] = -gCr * x
		t.cbG[i] = -gCb*x + half
	}
	return t
}

// rgb converts one pixel.
func (t *yccTables) rgb(y, cb, cr byte) (r, g, b byte) {
	l := int32(y)
	return clip8(l + t.crR[cr]), clip8(l + (t.cbG[cb]+t.crG[cr])>>16), clip8(l + t.cbB[cb])
}

// row converts a row of pixels.
func (t *yccTables) row(dst, y, cb, cr []byte) {
	cb, cr = cb[:len(y)], cr[:len(y)]
	dst = dst[:3*len(y)]
	for x, l := range y {
		d := dst[3*x : 3*x+3 : 3*x+3]
		d[0], d[1], d[2] = t.rgb(l, cb[x], cr[x])
	}
}

// fromCMYK converts ink (0: none) to RGB as Pillow does: the complement of the
// black, less that part of it which the colour takes.
func fromCMYK(c, m, y, k byte) (r, g, b byte) {
	white := int32(255 - k)
	ink := func(v byte) byte {
		// v·white/255, rounded.
		p := int32(v)*white + 128
		return clip8(white - (p>>8+p)>>8)
	}
	return ink(c), ink(m), ink(y)
}
