package pillow

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"io"

	"golang.org/x/image/webp"
)

// decodeWebP takes the planes from x/image (VP8's are exact by definition) and
// brings them to RGB as libwebp does. An alpha channel is dropped.
func decodeWebP(data []byte, o DecodeOptions) (*RGB, error) {
	if n := int64(binary.LittleEndian.Uint32(data[4:])) + 8; n > int64(len(data)) {
		return nil, fmt.Errorf("%d of %d bytes: %w", len(data), n, io.ErrUnexpectedEOF)
	}
	if a, ok := animated(data); ok {
		return decodeFirstFrame(a, o)
	}
	return decodeStill(data, o)
}

func decodeStill(data []byte, o DecodeOptions) (*RGB, error) {
	c, err := webp.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	if err := o.check("WebP", c.Width, c.Height); err != nil {
		return nil, err
	}
	m, err := webp.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	switch m := m.(type) {
	case *image.YCbCr:
		return fromVP8(m)
	case *image.NYCbCrA:
		return fromVP8(&m.YCbCr)
	}
	return fromImage(m, false)
}

// fromVP8 upsamples 4:2:0 chroma and converts to RGB. A chroma sample of an
// output pixel is 9/16 of its own block's, 3/16 of each block beside and
// 1/16 of the diagonal one, rounded in libwebp's order.
func fromVP8(m *image.YCbCr) (*RGB, error) {
	if m.SubsampleRatio != image.YCbCrSubsampleRatio420 {
		return nil, fmt.Errorf("chroma sampled %v", m.SubsampleRatio)
	}
	out := NewRGB(m.Rect.Dx(), m.Rect.Dy())
	n := (out.Width + 1) / 2
	cb, cr := make([]byte, out.Width), make([]byte, out.Width)
	last := (out.Height+1)/2 - 1
	for y := range out.Height {
		// Each luma row lies a quarter into its own chroma row: the far one is
		// above it for even rows, below for odd ones, itself at the borders.
		near := y / 2
		far := min(max(near-1+2*(y&1), 0), last)
		row := func(plane []byte, i int) []byte { return plane[i*m.CStride : i*m.CStride+n] }
		upsampleVP8(cb, row(m.Cb, near), row(m.Cb, far))
		upsampleVP8(cr, row(m.Cr, near), row(m.Cr, far))
		dst := out.Row(y)
		for x, l := range m.Y[y*m.YStride : y*m.YStride+out.Width] {
			u, v := int32(cb[x]), int32(cr[x])
			bright := int32(l) * 19077 >> 8
			dst[3*x] = clip8((bright + v*26149>>8 - 14234) >> 6)
			dst[3*x+1] = clip8((bright - u*6419>>8 - v*13320>>8 + 8708) >> 6)
			dst[3*x+2] = clip8((bright + u*33050>>8 - 17685) >> 6)
		}
	}
	return out, nil
}

// upsampleVP8 fills dst from the chroma row that it lies in and the next one.
func upsampleVP8(dst, near, far []byte) {
	at := func(i int) (n, f int) { return int(near[i]), int(far[i]) }
	ln, lf := at(0)
	dst[0] = byte((3*ln + lf + 2) >> 2)
	for i := 1; i < len(near); i++ {
		rn, rf := at(i)
		sum := ln + rn + lf + rf + 8
		// Averages along the two diagonals of the four samples.
		falling := (sum + 2*(ln+rf)) >> 3
		rising := (sum + 2*(rn+lf)) >> 3
		dst[2*i-1] = byte((rising + ln) >> 1)
		if 2*i < len(dst) {
			dst[2*i] = byte((falling + rn) >> 1)
		}
		ln, lf = rn, rf
	}
	if len(dst)%2 == 0 {
		dst[len(dst)-1] = byte((3*ln + lf + 2) >> 2)
	}
}
