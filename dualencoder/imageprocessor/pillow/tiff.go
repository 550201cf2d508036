package pillow

import (
	"bytes"
	"fmt"

	"golang.org/x/image/tiff"
)

// decodeTIFF returns the first page. Grey of 16 bits is clipped, as in PNG.
func decodeTIFF(data []byte, o DecodeOptions) (*RGB, error) {
	const fillOrder, compression, photometric, blackIsZero = 266, 259, 262, 1
	fax := tiffTag(data, compression, 1)
	isFax := fax >= 2 && fax <= 4
	if tiffTag(data, fillOrder, 1) != 1 && !isFax {
		return nil, fmt.Errorf("bytes with their bits in reverse order (fill order 2) are not supported")
	}
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
	if isFax && tiffTag(data, photometric, 0) == blackIsZero {
		for i, v := range out.Pix {
			out.Pix[i] = ^v
		}
	}
	return out, nil
}
