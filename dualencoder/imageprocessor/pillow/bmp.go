package pillow

import (
	"encoding/binary"
	"fmt"
	"io"
)

// Compression methods of a BMP.
const (
	bmpRaw    = 0
	bmpRLE8   = 1
	bmpRLE4   = 2
	bmpFields = 3
)

// bmpHeader is what the headers of a BMP say, in one form for all versions.
type bmpHeader struct {
	width, height int
	bits          int // a pixel
	compression   uint32
	topDown       bool
	palette       []byte // blue, green, red and, but for OS/2, one byte more
	entry         int    // bytes of a palette entry
	masks         [4]uint32
	pixels        int // where the samples begin
}

// decodeBMP reads the versions that Pillow reads: OS/2's and Windows' headers,
// 1 to 32 bits a pixel, run lengths, and the usual bit fields. Alpha is dropped.
func decodeBMP(data []byte, o DecodeOptions) (*RGB, error) {
	h, err := readBMP(data)
	if err != nil {
		return nil, err
	}
	if err := o.check("BMP", h.width, h.height); err != nil {
		return nil, err
	}
	unpack, err := h.unpacker()
	if err != nil {
		return nil, err
	}
	rest := data[min(h.pixels, len(data)):]
	stride, used := (h.width*h.bits+31)/32*4, (h.width*h.bits+7)/8
	if h.compression == bmpRLE8 || h.compression == bmpRLE4 {
		if rest, err = unpackRuns(rest, h.pixels, h.width, h.height, h.compression == bmpRLE4); err != nil {
			return nil, err
		}
		unpack, stride, used = h.indexed(8), h.width, h.width
	}
	if whole := stride*(h.height-1) + used; whole > len(rest) { // the last row may lack its padding
		if !o.AllowTruncated {
			return nil, io.ErrUnexpectedEOF
		}
		rest = wholeRows(rest, used, stride, whole)
	}
	out := NewRGB(h.width, h.height)
	for i := range h.height {
		y := h.height - 1 - i
		if h.topDown {
			y = i
		}
		unpack(out.Row(y), rest[i*stride:min((i+1)*stride, len(rest))])
	}
	return out, nil
}

// readBMP reads the headers.
func readBMP(data []byte) (*bmpHeader, error) {
	const fileHeader = 14
	le := binary.LittleEndian
	if len(data) < fileHeader+12 {
		return nil, io.ErrUnexpectedEOF
	}
	size := int64(le.Uint32(data[fileHeader:]))
	switch size {
	case 12, 40, 64, 108, 124:
	default:
		return nil, fmt.Errorf("a header of %d bytes is not supported", size)
	}
	if fileHeader+size > int64(len(data)) {
		return nil, io.ErrUnexpectedEOF
	}
	b, rest := data[fileHeader:fileHeader+size], data[fileHeader+size:]
	h := &bmpHeader{entry: 4, pixels: int(le.Uint32(data[10:]))}
	colours := uint32(0)
	if size == 12 {
		h.width, h.height, h.entry = int(le.Uint16(b[4:])), int(le.Uint16(b[6:])), 3
		h.bits = int(le.Uint16(b[10:]))
	} else {
		h.width, h.height = int(le.Uint32(b[4:])), int(le.Uint32(b[8:]))
		if b[11] == 0xff { // a negative height
			h.height, h.topDown = 1<<32-h.height, true
		}
		h.bits, h.compression, colours = int(le.Uint16(b[14:])), le.Uint32(b[16:]), le.Uint32(b[32:])
	}
	if h.compression == bmpFields {
		fields, n := b[40:], 4
		if size < 56 {
			fields, n = rest, 3 // behind the header, without alpha
			if len(rest) < 12 {
				return nil, io.ErrUnexpectedEOF
			}
			rest = rest[12:]
		}
		for i := range n {
			h.masks[i] = le.Uint32(fields[4*i:])
		}
	}
	if h.bits > 8 {
		if h.pixels == 0 {
			h.pixels = len(data) - len(rest)
		}
		return h, nil
	}
	if colours == 0 {
		colours = 1 << h.bits
	}
	if colours > 1<<16 {
		return nil, fmt.Errorf("a palette of %d colours", colours)
	}
	n := min(h.entry*int(colours), len(rest))
	h.palette = rest[:n]
	switch h.pixels {
	case 0:
		h.pixels = len(data) - len(rest) + n
	case fileHeader + int(size): // a common mistake: the palette is not counted
		h.pixels += 4 * int(colours)
	}
	return h, nil
}

// unpacker returns the function that turns a stored row into RGB.
func (h *bmpHeader) unpacker() (func(dst, src []byte), error) {
	raw := h.compression == bmpRaw
	switch {
	case (h.bits == 1 || h.bits == 4 || h.bits == 8) && raw,
		h.bits == 8 && h.compression == bmpRLE8, h.bits == 4 && h.compression == bmpRLE4:
		return h.indexed(h.bits), nil
	case h.bits == 16 && (raw || [3]uint32(h.masks[:3]) == [3]uint32{0x7c00, 0x3e0, 0x1f}):
		return packed16(5), nil
	case h.bits == 16 && [3]uint32(h.masks[:3]) == [3]uint32{0xf800, 0x7e0, 0x1f}:
		return packed16(6), nil
	case h.bits == 24 && (raw || [3]uint32(h.masks[:3]) == [3]uint32{0xff0000, 0xff00, 0xff}):
		return bytewise(3, 2, 1, 0), nil
	case h.bits == 32 && raw:
		return bytewise(4, 2, 1, 0), nil
	case h.bits == 32 && h.compression == bmpFields:
		switch h.masks {
		case [4]uint32{0xff0000, 0xff00, 0xff, 0}, [4]uint32{0xff0000, 0xff00, 0xff, 0xff000000}, [4]uint32{}:
			return bytewise(4, 2, 1, 0), nil
		case [4]uint32{0xff000000, 0xff0000, 0xff00, 0}, [4]uint32{0xff000000, 0xff0000, 0xff00, 0xff}:
			return bytewise(4, 3, 2, 1), nil
		case [4]uint32{0xff, 0xff00, 0xff0000, 0xff000000}:
			return bytewise(4, 0, 1, 2), nil
		}
	}
	return nil, fmt.Errorf("%d bits a pixel with compression %d and masks %#x are not supported", h.bits, h.compression, h.masks)
}

// indexed looks up samples of 1, 4 or 8 bits. An index past the palette is
// black.
func (h *bmpHeader) indexed(bits int) func(dst, src []byte) {
	var colours [256][3]byte
	for i := range colours {
		if e := i * h.entry; e+3 <= len(h.palette) {
			colours[i] = [3]byte{h.palette[e+2], h.palette[e+1], h.palette[e]}
		}
	}
	per := 8 / bits
	return func(dst, src []byte) {
		for x := range len(dst) / 3 {
			v := src[x/per] >> (bits * (per - 1 - x%per)) & (1<<bits - 1)
			copy(dst[3*x:3*x+3], colours[v][:])
		}
	}
}

// packed16 unpacks 5 bits of blue, 5 or 6 of green and 5 of red.
func packed16(green uint) func(dst, src []byte) {
	return func(dst, src []byte) {
		for x := range len(dst) / 3 {
			v := uint(binary.LittleEndian.Uint16(src[2*x:]))
			top := uint(1)<<green - 1
			dst[3*x] = byte((v >> (5 + green) & 31) * 255 / 31)
			dst[3*x+1] = byte((v >> 5 & top) * 255 / top)
			dst[3*x+2] = byte((v & 31) * 255 / 31)
		}
	}
}

// bytewise picks red, green and blue from pixels of size bytes.
func bytewise(size, r, g, b int) func(dst, src []byte) {
	return func(dst, src []byte) {
		for x := range len(dst) / 3 {
			p := src[size*x : size*x+size]
			dst[3*x], dst[3*x+1], dst[3*x+2] = p[r], p[g], p[b]
		}
	}
}
