package pillow

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
)

func decodeJPEG(data []byte, o DecodeOptions) (*RGB, error) {
	c, err := jpeg.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	if err := o.check("JPEG", c.Width, c.Height); err != nil {
		return nil, err
	}
	im, err := jpeg.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	switch m := im.(type) {
	case *image.YCbCr:
		w, h := m.Rect.Dx(), m.Rect.Dy()
		fx, fy := map[image.YCbCrSubsampleRatio][2]int{image.YCbCrSubsampleRatio420: {2, 2}, image.YCbCrSubsampleRatio422: {2, 1}, image.YCbCrSubsampleRatio440: {1, 2}, image.YCbCrSubsampleRatio444: {1, 1}, image.YCbCrSubsampleRatio411: {4, 1}, image.YCbCrSubsampleRatio410: {4, 2}}[m.SubsampleRatio], 0
		cw, ch := (w+fx[0]-1)/fx[0], (h+fx[1]-1)/fx[1]
		_ = fy
		out := NewRGB(w, h)
		cb := upsampler(&plane{m.Cb, m.CStride, cw, ch}, fx[0], fx[1], w)
		cr := upsampler(&plane{m.Cr, m.CStride, cw, ch}, fx[0], fx[1], w)
		t := newYCCTables()
		for y := range h {
			b, r, d := cb(y), cr(y), out.Row(y)
			for x, l := range m.Y[y*m.YStride : y*m.YStride+w] {
				d[3*x], d[3*x+1], d[3*x+2] = t.rgb(l, b[x], r[x])
			}
		}
		return out, nil
	case *image.CMYK:
		out := NewRGB(m.Rect.Dx(), m.Rect.Dy())
		for y := range out.Height {
			d, s := out.Row(y), m.Pix[y*m.Stride:]
			for x := range out.Width {
				d[3*x], d[3*x+1], d[3*x+2] = fromCMYK(s[4*x], s[4*x+1], s[4*x+2], s[4*x+3])
			}
		}
		return out, nil
	case *image.Gray, *image.RGBA:
		return fromImage(m, false)
	}
	return nil, fmt.Errorf("a picture of type %T", im)
}
