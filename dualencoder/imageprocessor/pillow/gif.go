package pillow

import (
	"bytes"
	"image"
	"image/gif"
)

// decodeGIF returns the first frame on the logical screen. What the frame does
// not cover has the transparent index, or index 0 where there is none.
func decodeGIF(data []byte, o DecodeOptions) (*RGB, error) {
	c, err := gif.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	if err := o.check("GIF", c.Width, c.Height); err != nil {
		return nil, err
	}
	m, err := gif.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	frame, ok := m.(*image.Paletted)
	screen := image.Rect(0, 0, c.Width, c.Height)
	if !ok || frame.Rect == screen {
		return fromImage(m, false)
	}
	whole := image.NewPaletted(screen, frame.Palette)
	if t := transparentIndex(frame); t > 0 {
		for i := range whole.Pix {
			whole.Pix[i] = t
		}
	}
	for y := frame.Rect.Min.Y; y < frame.Rect.Max.Y; y++ {
		copy(whole.Pix[whole.PixOffset(frame.Rect.Min.X, y):], frame.Pix[frame.PixOffset(frame.Rect.Min.X, y):][:frame.Rect.Dx()])
	}
	return fromImage(whole, false)
}

func transparentIndex(m *image.Paletted) uint8 {
	for i, c := range m.Palette {
		if _, _, _, a := c.RGBA(); a == 0 {
			return uint8(i)
		}
	}
	return 0
}
