package pillow

import (
	"bytes"

	"golang.org/x/image/tiff"
)

// decodeTIFF returns the first page. Grey of 16 bits is clipped, as in PNG.
func decodeTIFF(data []byte, o DecodeOptions) (*RGB, error) {
	c, err := tiff.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	if err := o.check("TIFF", c.Width, c.Height); err != nil {
		return nil, err
	}
	m, err := tiff.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	return fromImage(m, true)
}
