package pillow

import (
	"encoding/binary"
	"fmt"
	"io"
)

// animation is what of an animated WebP is needed for its first frame.
type animation struct {
	width, height int
	chunks        []byte // after the VP8X chunk
}

// animated recognises an extended WebP whose header says that it moves.
func animated(data []byte) (animation, bool) {
	const flag = 0x02
	if len(data) < 30 || string(data[12:16]) != "VP8X" || data[20]&flag == 0 {
		return animation{}, false
	}
	return animation{
		width:  1 + uint24(data[24:]),
		height: 1 + uint24(data[27:]),
		chunks: data[30:],
	}, true
}

func uint24(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }

// chunk splits off the first RIFF chunk.
func chunk(b []byte) (id string, body, rest []byte, err error) {
	if len(b) < 8 {
		return "", nil, nil, io.ErrUnexpectedEOF
	}
	n := int64(binary.LittleEndian.Uint32(b[4:]))
	if n+8 > int64(len(b)) {
		return "", nil, nil, io.ErrUnexpectedEOF
	}
	return string(b[:4]), b[8 : 8+n], b[min(8+n+n&1, int64(len(b))):], nil
}

// decodeFirstFrame puts the first frame on a black canvas, whose transparency
// is dropped with the rest.
func decodeFirstFrame(a animation, o DecodeOptions) (*RGB, error) {
	if err := o.check("WebP", a.width, a.height); err != nil {
		return nil, err
	}
	frame, err := find(a.chunks, "ANMF")
	if err != nil {
		return nil, err
	}
	const header = 16
	if len(frame) < header {
		return nil, io.ErrUnexpectedEOF
	}
	x, y := 2*uint24(frame), 2*uint24(frame[3:])
	// Colour does not depend on the alpha chunk: only the picture's is kept.
	image, id := []byte(nil), ""
	for rest := frame[header:]; image == nil; {
		var body []byte
		if id, body, rest, err = chunk(rest); err != nil {
			return nil, err
		}
		if id == "VP8 " || id == "VP8L" {
			image = body
		}
	}
	m, err := decodeStill(still(id, image), o)
	if err != nil {
		return nil, err
	}
	if x+m.Width > a.width || y+m.Height > a.height {
		return nil, fmt.Errorf("a frame of %d × %d at (%d, %d) on a canvas of %d × %d", m.Width, m.Height, x, y, a.width, a.height)
	}
	if m.Width == a.width && m.Height == a.height {
		return m, nil
	}
	canvas := NewRGB(a.width, a.height)
	for i := range m.Height {
		copy(canvas.Row(y + i)[3*x:], m.Row(i))
	}
	return canvas, nil
}

// find returns the first chunk of that name.
func find(b []byte, name string) ([]byte, error) {
	for {
		id, body, rest, err := chunk(b)
		if err != nil {
			return nil, err
		}
		if id == name {
			return body, nil
		}
		b = rest
	}
}

// still wraps one coded picture as a WebP file of its own.
func still(id string, body []byte) []byte {
	pad := len(body) & 1
	out := make([]byte, 0, 20+len(body)+pad)
	out = append(out, "RIFF"...)
	out = binary.LittleEndian.AppendUint32(out, uint32(12+len(body)+pad))
	out = append(out, "WEBP"...)
	out = append(out, id...)
	out = binary.LittleEndian.AppendUint32(out, uint32(len(body)))
	out = append(out, body...)
	return append(out, make([]byte, pad)...)
}
