package pillow

import "github.com/vkdual/vkdual/dualencoder/imageprocessor/pillow/jpeg"

// decodeJPEG decodes to planes, interpolates the coarser ones and converts to
// RGB, row by row.
func decodeJPEG(data []byte, o DecodeOptions) (*RGB, error) {
	m, err := jpeg.Decode(data, func(w, h int) error { return o.check("JPEG", w, h) })
	if err != nil {
		return nil, err
	}
	rows := make([]func(y int) []byte, len(m.Components))
	for i := range m.Components {
		rows[i] = upsampler(&m.Components[i], m.Width)
	}
	out := NewRGB(m.Width, m.Height)
	ycc := newYCCTables()
	line := make([][]byte, len(rows))
	for y := range m.Height {
		for i, row := range rows {
			line[i] = row(y)[:m.Width]
		}
		dst := out.Row(y)
		switch m.Model {
		case jpeg.Gray:
			for x, v := range line[0] {
				dst[3*x], dst[3*x+1], dst[3*x+2] = v, v, v
			}
		case jpeg.YCbCr:
			ycc.row(dst, line[0], line[1], line[2])
		case jpeg.RGB:
			for x, v := range line[0] {
				dst[3*x], dst[3*x+1], dst[3*x+2] = v, line[1][x], line[2][x]
			}
		case jpeg.CMYK, jpeg.YCCK:
			// Pillow takes every such file to be inverted, as Adobe writes it.
			for x, k := range line[3] {
				c, m2, y2 := line[0][x], line[1][x], line[2][x]
				if m.Model == jpeg.YCCK {
					c, m2, y2 = ycc.rgb(c, m2, y2)
					c, m2, y2 = ^c, ^m2, ^y2
				}
				dst[3*x], dst[3*x+1], dst[3*x+2] = fromCMYK(^c, ^m2, ^y2, ^k)
			}
		}
	}
	return out, nil
}
