package pillow

import (
	"bytes"

	"golang.org/x/image/bmp"
)

func decodeBMP(data []byte, o DecodeOptions) (*RGB, error) {
	c, err := bmp.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	if err := o.check("BMP", c.Width, c.Height); err != nil {
		return nil, err
	}
	m, err := bmp.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	return fromImage(m, false)
}
