package pillow

import "image"

// Reduce averages blocks of fx × fy pixels, as Pillow's Image.reduce; the last
// column and row average what is left of a block. The factors are positive.
func Reduce(src *RGB, fx, fy int) *RGB {
	out := NewRGB((src.Width+fx-1)/fx, (src.Height+fy-1)/fy)
	for y := range out.Height {
		y0, y1 := y*fy, min((y+1)*fy, src.Height)
		dst := out.Row(y)
		for x := range out.Width {
			x0, x1 := x*fx, min((x+1)*fx, src.Width)
			n := uint32((x1 - x0) * (y1 - y0))
			// The reciprocal is float32 in Pillow too: 2^32 / (256 n), cut.
			reciprocal := uint32(float32(1<<32) / float32(256*n))
			r, g, b := n/2, n/2, n/2
			for sy := y0; sy < y1; sy++ {
				s := src.Row(sy)[3*x0 : 3*x1]
				for ; len(s) >= 3; s = s[3:] {
					r, g, b = r+uint32(s[0]), g+uint32(s[1]), b+uint32(s[2])
				}
			}
			dst[3*x], dst[3*x+1], dst[3*x+2] = byte(r*reciprocal>>24), byte(g*reciprocal>>24), byte(b*reciprocal>>24)
		}
	}
	return out
}

// ResizeGap is Image.resize with reducing_gap: where the picture shrinks by
// more than gap, whole blocks are averaged first.
func ResizeGap(src *RGB, width, height int, f Filter, gap float64) *RGB {
	fx := max(int(float64(src.Width)/float64(width)/gap), 1)
	fy := max(int(float64(src.Height)/float64(height)/gap), 1)
	box := box32{0, 0, float32(src.Width), float32(src.Height)}
	if f != Nearest && (fx > 1 || fy > 1) {
		box.x1 = float32(float64(src.Width) / float64(fx))
		box.y1 = float32(float64(src.Height) / float64(fy))
		src = Reduce(src, fx, fy)
	}
	return resizeBox(src, box, width, height, f, image.Rect(0, 0, width, height))
}
