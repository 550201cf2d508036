package pillow

import (
	"errors"
	"io"
	"slices"

	"github.com/vkdual/vkdual/dualencoder/imageprocessor/pillow/jpeg"
	"github.com/vkdual/vkdual/dualencoder/imageprocessor/pillow/simd"
)

// A jpegPicture interpolates and converts its planes row by row.
type jpegPicture struct {
	width, height int
	model         jpeg.Model
	rows          []func(y int) []byte // of each component, at full resolution
	kernels       simd.Kernels
}

func decodeJPEG(data []byte, o DecodeOptions) (Picture, error) {
	check := func(width, height int) error { return o.check("JPEG", width, height) }
	m, err := jpeg.Decode(data, check)
	if o.AllowTruncated && errors.Is(err, io.ErrUnexpectedEOF) {
		// The end marker makes the decoder give up on the rest.
		m, err = jpeg.Decode(append(slices.Clip(data), 0xff, 0xd9), check)
	}
	if o.AllowTruncated && errors.Is(err, jpeg.ErrBetweenScans) {
		out := NewRGB(m.Width, m.Height) // libjpeg waits for the segment and gives no row
		if m.Model == jpeg.CMYK || m.Model == jpeg.YCCK {
			for i := range out.Pix { // no ink
				out.Pix[i] = 255
			}
		}
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	p := &jpegPicture{width: m.Width, height: m.Height, model: m.Model, kernels: simd.Best()}
	for i := range m.Components {
		p.rows = append(p.rows, upsampler(p.kernels, &m.Components[i], m.Width))
	}
	return p, nil
}

func (p *jpegPicture) Size() (width, height int) { return p.width, p.height }

func (p *jpegPicture) planes(y int, dst simd.Planes) {
	w := p.width
	var line [4][]byte
	for i, row := range p.rows {
		line[i] = row(y)[:w]
	}
	switch p.model {
	case jpeg.Gray:
		for c := range 3 {
			copy(dst.Row(c, w), line[0])
		}
	case jpeg.RGB:
		for c := range 3 {
			copy(dst.Row(c, w), line[c])
		}
	case jpeg.YCbCr:
		p.kernels.YCC(dst, line[0], line[1], line[2])
	case jpeg.CMYK, jpeg.YCCK:
		// Pillow takes every such file to be inverted, as Adobe writes it. As
		// YCCK the complement is stored: converted, it is not inverted.
		invert := byte(0xff)
		if p.model == jpeg.YCCK {
			p.kernels.YCC(dst, line[0], line[1], line[2])
			for c := range 3 {
				line[c] = dst.Row(c, w)
			}
			invert = 0
		}
		r, g, b := dst.Row(0, w), dst.Row(1, w), dst.Row(2, w)
		for x, k := range line[3] {
			r[x], g[x], b[x] = fromCMYK(line[0][x]^invert, line[1][x]^invert, line[2][x]^invert, ^k)
		}
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
