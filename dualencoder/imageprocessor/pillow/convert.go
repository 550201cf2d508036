package pillow

import (
	"fmt"
	"image"
	"image/color"
)

// fromImage converts what Go's decoders return, as Pillow's convert("RGB")
// does: alpha is dropped without compositing, 16-bit colour keeps its high
// byte. clip16 clips 16-bit grey to 255, which is what Pillow does where it
// opens such a file in mode I.
func fromImage(m image.Image, clip16 bool) (*RGB, error) {
	b := m.Bounds()
	out := NewRGB(b.Dx(), b.Dy())
	for y := range out.Height {
		dst := out.Row(y)
		switch m := m.(type) {
		case *image.Gray:
			for x, v := range m.Pix[y*m.Stride : y*m.Stride+out.Width] {
				dst[3*x], dst[3*x+1], dst[3*x+2] = v, v, v
			}
		case *image.Gray16:
			row := m.Pix[y*m.Stride:]
			for x := range out.Width {
				v := row[2*x]
				if clip16 {
					v = clipGray16(row[2*x], row[2*x+1])
				}
				dst[3*x], dst[3*x+1], dst[3*x+2] = v, v, v
			}
		case *image.RGBA:
			every(dst, m.Pix[y*m.Stride:], out.Width, 4, 1)
		case *image.NRGBA:
			every(dst, m.Pix[y*m.Stride:], out.Width, 4, 1)
		case *image.RGBA64:
			every(dst, m.Pix[y*m.Stride:], out.Width, 8, 2)
		case *image.NRGBA64:
			row := m.Pix[y*m.Stride:]
			if clip16 {
				for x := range out.Width {
					v := clipGray16(row[8*x], row[8*x+1])
					dst[3*x], dst[3*x+1], dst[3*x+2] = v, v, v
				}
				continue
			}
			every(dst, row, out.Width, 8, 2)
		case *image.Paletted:
			var table [256][3]byte
			for i, c := range m.Palette {
				if i < len(table) {
					table[i] = plain(c)
				}
			}
			for x, v := range m.Pix[y*m.Stride : y*m.Stride+out.Width] {
				copy(dst[3*x:3*x+3], table[v][:])
			}
		default:
			return nil, fmt.Errorf("a picture of type %T", m)
		}
	}
	return out, nil
}

// every copies three samples of step bytes each from pixels of size bytes.
func every(dst, src []byte, n, size, step int) {
	for x := range n {
		s := src[size*x : size*x+size]
		dst[3*x], dst[3*x+1], dst[3*x+2] = s[0], s[step], s[2*step]
	}
}

// clipGray16 is Pillow's conversion of a 16-bit level: 256 and more is white.
func clipGray16(high, low byte) byte {
	if high != 0 {
		return 255
	}
	return low
}

// plain returns a palette entry without its alpha, not multiplied by it.
func plain(c color.Color) [3]byte {
	switch c := c.(type) {
	case color.RGBA:
		return [3]byte{c.R, c.G, c.B}
	case color.NRGBA:
		return [3]byte{c.R, c.G, c.B}
	}
	n := color.NRGBAModel.Convert(c).(color.NRGBA)
	return [3]byte{n.R, n.G, n.B}
}
