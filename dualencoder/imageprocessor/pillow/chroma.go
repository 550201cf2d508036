package pillow

import (
	"github.com/vkdual/vkdual/dualencoder/imageprocessor/pillow/jpeg"
	"github.com/vkdual/vkdual/dualencoder/imageprocessor/pillow/simd"
)

// upsampler returns a function that gives row y of p at full resolution, at
// least width samples, in a buffer that the next call reuses. It interpolates
// where libjpeg's "fancy upsampling" does, by a triangle filter with libjpeg's
// alternating rounding, and repeats samples elsewhere. Past the picture's edge
// it repeats the last row.
func upsampler(k simd.Kernels, p *jpeg.Component, width int) func(y int) []byte {
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
		sums := make([]uint16, p.Width+2)
		return func(y int) []byte {
			k.Double(buf, line(y), nil, sums)
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
		sums := make([]uint16, p.Width+2)
		return func(y int) []byte {
			k.Double(buf, line(y/2), line(y/2-1+2*(y&1)), sums)
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
