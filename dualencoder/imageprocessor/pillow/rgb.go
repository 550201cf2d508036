package pillow

import "fmt"

// RGB is a picture of 8-bit red, green and blue samples, in that order,
// top row first, without padding: Pix has 3*Width*Height bytes.
type RGB struct {
	Width, Height int
	Pix           []byte
}

// NewRGB returns a black picture. Width and height must be positive.
func NewRGB(width, height int) *RGB {
	if width <= 0 || height <= 0 {
		panic(fmt.Sprintf("pillow: NewRGB(%d, %d): a picture has at least one pixel", width, height))
	}
	return &RGB{Width: width, Height: height, Pix: make([]byte, 3*width*height)}
}

// Row returns the 3*Width bytes of row y.
func (m *RGB) Row(y int) []byte {
	n := 3 * m.Width
	return m.Pix[y*n : (y+1)*n : (y+1)*n]
}

// RotateClockwise returns the picture turned by 90 degrees clockwise.
func (m *RGB) RotateClockwise() *RGB {
	return m.remap(m.Height, m.Width, func(x, y int) (int, int) { return y, m.Height - 1 - x })
}

// remap builds a width × height picture whose pixel (x, y) is m's at from(x, y).
func (m *RGB) remap(width, height int, from func(x, y int) (int, int)) *RGB {
	out := NewRGB(width, height)
	i := 0
	for y := range height {
		for x := range width {
			sx, sy := from(x, y)
			s := 3 * (sy*m.Width + sx)
			copy(out.Pix[i:i+3], m.Pix[s:s+3])
			i += 3
		}
	}
	return out
}
