package pillow

import (
	"bytes"
	"encoding/binary"
)

// upright undoes an EXIF orientation (TIFF tag 274; 1 is upright).
func upright(m *RGB, orientation int) *RGB {
	w, h := m.Width, m.Height
	switch orientation {
	case 2:
		return m.remap(w, h, func(x, y int) (int, int) { return w - 1 - x, y })
	case 3:
		return m.remap(w, h, func(x, y int) (int, int) { return w - 1 - x, h - 1 - y })
	case 4:
		return m.remap(w, h, func(x, y int) (int, int) { return x, h - 1 - y })
	case 5:
		return m.remap(h, w, func(x, y int) (int, int) { return y, x })
	case 6:
		return m.RotateClockwise()
	case 7:
		return m.remap(h, w, func(x, y int) (int, int) { return w - 1 - y, h - 1 - x })
	case 8:
		return m.remap(h, w, func(x, y int) (int, int) { return w - 1 - y, x })
	}
	return m
}

// orientation finds the tag in a JPEG's APP1, a PNG's eXIf or a WebP's EXIF; 1
// where there is none or it makes no sense. A TIFF is upright already.
func orientation(format string, data []byte) int {
	switch format {
	case "JPEG":
		for rest := data[2:]; len(rest) >= 4 && rest[0] == 0xff; {
			n := 2 + int(binary.BigEndian.Uint16(rest[2:]))
			if rest[1] == 0xda || n < 4 || n > len(rest) {
				break
			}
			if rest[1] == 0xe1 && bytes.HasPrefix(rest[4:n], []byte("Exif\x00\x00")) {
				return tiffOrientation(rest[10:n])
			}
			rest = rest[n:]
		}
	case "PNG":
		for rest := data[8:]; len(rest) >= 12; {
			n := int64(binary.BigEndian.Uint32(rest))
			if n+12 > int64(len(rest)) {
				break
			}
			if string(rest[4:8]) == "eXIf" {
				return tiffOrientation(rest[8 : 8+n])
			}
			rest = rest[n+12:]
		}
	case "WebP":
		for rest := data[12:]; len(rest) >= 8; {
			n := int64(binary.LittleEndian.Uint32(rest[4:]))
			if n+8 > int64(len(rest)) {
				break
			}
			if string(rest[:4]) == "EXIF" {
				return tiffOrientation(bytes.TrimPrefix(rest[8:8+n], []byte("Exif\x00\x00")))
			}
			rest = rest[min(n+8+n&1, int64(len(rest))):]
		}
	}
	return 1
}

// tiffOrientation reads tag 274, one number of any width, from the first
// directory of a TIFF structure. It goes only as far as it must: the rest may be
// broken.
func tiffOrientation(b []byte) int {
	const tag, entry = 274, 12
	if len(b) < 8 {
		return 1
	}
	var order binary.ByteOrder = binary.LittleEndian
	if b[0] == 'M' {
		order = binary.BigEndian
	}
	at := int64(order.Uint32(b[4:]))
	if at+2 > int64(len(b)) {
		return 1
	}
	for i := range int64(order.Uint16(b[at:])) {
		e := at + 2 + entry*i
		if e+entry > int64(len(b)) {
			return 1
		}
		if order.Uint16(b[e:]) != tag {
			continue
		}
		if order.Uint32(b[e+4:]) != 1 {
			return 1
		}
		switch order.Uint16(b[e+2:]) {
		case 1: // BYTE
			return int(b[e+8])
		case 3: // SHORT
			return int(order.Uint16(b[e+8:]))
		case 4: // LONG
			return int(order.Uint32(b[e+8:]))
		}
		return 1
	}
	return 1
}
