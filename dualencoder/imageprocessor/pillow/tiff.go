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
	out, err := fromImage(m, true)
	if err != nil {
		return nil, err
	}
	// x/image takes every fax to be white on 0, which is what nearly all are.
	const compression, photometric, blackIsZero = 259, 262, 1
	if c := tiffTag(data, compression, 1); c >= 2 && c <= 4 && tiffTag(data, photometric, 0) == blackIsZero {
		for i, v := range out.Pix {
			out.Pix[i] = ^v
		}
	}
	return out, nil
}
