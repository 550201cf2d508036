package pillow

import (
	"bytes"
	"image/png"
	"io"
)

// decodePNG follows Pillow's modes: grey of 16 bits is mode I and is clipped
// when it becomes RGB; every other 16-bit form keeps the high byte.
func decodePNG(data []byte, o DecodeOptions) (*RGB, error) {
	c, err := png.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	if err := o.check("PNG", c.Width, c.Height); err != nil {
		return nil, err
	}
	m, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		// What follows the samples may be missing, as in Pillow.
		whole, short := mendPNG(data)
		if short == io.ErrUnexpectedEOF {
			err = short
		}
		if short != nil && !o.AllowTruncated {
			return nil, err
		}
		var again error
		if m, again = png.Decode(bytes.NewReader(whole)); again != nil {
			return nil, err
		}
	}
	// The header chunk: 8 bytes of signature, 8 of length and name, 8 of size,
	// then the bit depth and the colour type (0: grey).
	depth, colour := data[24], data[25]
	return fromImage(m, depth == 16 && colour == 0)
}
