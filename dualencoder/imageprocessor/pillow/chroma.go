package pillow

import "github.com/vkdual/vkdual/dualencoder/imageprocessor/pillow/jpeg"

// upsampler returns a function that gives row y of p at full resolution, at
// least width samples, in a buffer that the next call reuses. It interpolates
// where libjpeg's "fancy upsampling" does, by a triangle filter with libjpeg's
// alternating rounding, and repeats samples elsewhere. Past the picture's edge
// it repeats the last row.
func upsampler(p *jpeg.Component, width int) func(y int) []byte {
	fx, fy := p.FX, p.FY
	line := func(y int) []byte {
		y = min(max(y, 0), p.Height-1)
		return p.Pix[y*p.Stride : y*p.Stride+p.Width]
	}
	// Room for the last sample of an odd width.
	buf := make([]byte, (width+fx-1)/fx*fx+2*fx)
	switch {
	case fx == 1 && fy == 1:
		return line
	case fx == 2 && fy == 1 && p.Width > 2:
		return func(y int) []byte {
			triangle2x1(buf, line(y))
			return buf[:width]
		}
	case fx == 1 && fy == 2:
		return func(y int) []byte {
			near, far := line(y/2), line(y/2-1+2*(y&1))
			bias := 1 + y&1
			for x, v := range near {
				buf[x] = byte((3*int(v) + int(far[x]) + bias) >> 2)
			}
			return buf[:width]
		}
	case fx == 2 && fy == 2 && p.Width > 2:
		sums := make([]int, p.Width)
		return func(y int) []byte {
			near, far := line(y/2), line(y/2-1+2*(y&1))
			for x, v := range near {
				sums[x] = 3*int(v) + int(far[x])
			}
			triangle2x2(buf, sums)
			return buf[:width]
		}
	}
	return func(y int) []byte {
		row := line(y / fy)
		for x := range width {
			buf[x] = row[x/fx]
		}
		return buf[:width]
	}
}

// triangle2x1 doubles a row: 3/4 of the nearer sample, 1/4 of the further.
func triangle2x1(dst, src []byte) {
	last := len(src) - 1
	dst[0] = src[0]
	dst[1] = byte((3*int(src[0]) + int(src[1]) + 2) >> 2)
	for i := 1; i < last; i++ {
		v := 3 * int(src[i])
		dst[2*i] = byte((v + int(src[i-1]) + 1) >> 2)
		dst[2*i+1] = byte((v + int(src[i+1]) + 2) >> 2)
	}
	dst[2*last] = byte((3*int(src[last]) + int(src[last-1]) + 1) >> 2)
	dst[2*last+1] = src[last]
}

// triangle2x2 doubles a row of vertical sums, which are 4 times a sample.
func triangle2x2(dst []byte, sums []int) {
	last := len(sums) - 1
	dst[0] = byte((4*sums[0] + 8) >> 4)
	dst[1] = byte((3*sums[0] + sums[1] + 7) >> 4)
	for i := 1; i < last; i++ {
		v := 3 * sums[i]
		dst[2*i] = byte((v + sums[i-1] + 8) >> 4)
		dst[2*i+1] = byte((v + sums[i+1] + 7) >> 4)
	}
	dst[2*last] = byte((3*sums[last] + sums[last-1] + 8) >> 4)
	dst[2*last+1] = byte((4*sums[last] + 7) >> 4)
}
