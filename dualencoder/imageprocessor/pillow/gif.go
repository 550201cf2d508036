package pillow

import (
	"bytes"
	"compress/lzw"
	"encoding/binary"
	"fmt"
	"io"
)

// gifFrame is the first frame of a GIF, before its samples are unpacked.
type gifFrame struct {
	screenWidth, screenHeight int
	x, y, width, height       int
	interlaced                bool
	palette                   []byte // three bytes an entry; nil for grey
	transparent               int    // index, -1 for none
	codeBits                  int
	packed                    []byte
}

// decodeGIF returns the first frame on the logical screen, which grows where
// the frame does not fit. What the frame leaves uncovered has the transparent
// index, or index 0. Go's decoder is not used: it forgets the colour of the
// transparent index, which Pillow shows once alpha is dropped.
func decodeGIF(data []byte, o DecodeOptions) (*RGB, error) {
	f, err := readGIF(data)
	if err != nil {
		return nil, err
	}
	width, height := max(f.screenWidth, f.x+f.width), max(f.screenHeight, f.y+f.height)
	if err := o.check("GIF", width, height); err != nil {
		return nil, err
	}
	if f.width == 0 || f.height == 0 {
		return nil, fmt.Errorf("a frame of %d × %d", f.width, f.height)
	}
	if f.codeBits < 2 || f.codeBits > 8 {
		return nil, fmt.Errorf("codes of %d bits", f.codeBits)
	}
	samples := make([]byte, f.width*f.height)
	r := lzw.NewReader(bytes.NewReader(f.packed), lzw.LSB, f.codeBits)
	defer r.Close()
	have, err := io.ReadFull(r, samples)
	if err != nil && !o.AllowTruncated {
		return nil, err
	}
	colours := f.colours()
	out := NewRGB(width, height)
	if f.transparent > 0 || colours[0] != [3]byte{} {
		empty := colours[max(f.transparent, 0)]
		for i := 0; i < len(out.Pix); i += 3 {
			copy(out.Pix[i:i+3], empty[:])
		}
	}
	for i := 0; i*f.width < have; i++ {
		dst := out.Row(f.y + f.row(i))[3*f.x:]
		for x, v := range samples[i*f.width : min((i+1)*f.width, have)] {
			copy(dst[3*x:3*x+3], colours[v][:])
		}
	}
	return out, nil
}

// row says where the frame's i-th stored row belongs.
func (f *gifFrame) row(i int) int {
	if !f.interlaced {
		return i
	}
	for _, pass := range [4][2]int{{0, 8}, {4, 8}, {2, 4}, {1, 2}} {
		n := max((f.height-pass[0]+pass[1]-1)/pass[1], 0)
		if i < n {
			return pass[0] + i*pass[1]
		}
		i -= n
	}
	panic("pillow: GIF: a row past the last")
}

// colours expands the palette; what it does not define is black.
func (f *gifFrame) colours() *[256][3]byte {
	var t [256][3]byte
	for i := range t {
		switch {
		case f.palette == nil:
			t[i] = [3]byte{byte(i), byte(i), byte(i)}
		case 3*i < len(f.palette):
			t[i] = [3]byte(f.palette[3*i:])
		}
	}
	return &t
}

// greyRamp reports whether a palette is just the grey levels in order. Pillow
// takes such a table for none: then the other table counts, or the samples are
// grey.
func greyRamp(palette []byte) bool {
	for i, v := range palette {
		if int(v) != i/3 {
			return false
		}
	}
	return true
}

// readGIF goes through the blocks up to the first frame.
func readGIF(data []byte) (*gifFrame, error) {
	b := &gifBytes{rest: data}
	b.take(6) // signature and version, seen already
	screen := b.take(7)
	if b.short {
		return nil, io.ErrUnexpectedEOF
	}
	f := &gifFrame{
		screenWidth:  int(binary.LittleEndian.Uint16(screen)),
		screenHeight: int(binary.LittleEndian.Uint16(screen[2:])),
		transparent:  -1,
	}
	if global := b.table(screen[4]); !greyRamp(global) {
		f.palette = global
	}
	for !b.short {
		switch kind := b.take(1)[0]; kind {
		case '!':
			label := b.take(1)[0]
			if body := b.blocks(); label == 0xf9 && len(body) >= 4 && body[0]&1 != 0 {
				f.transparent = int(body[3])
			}
		case ',':
			d := b.take(9)
			f.x, f.y = int(binary.LittleEndian.Uint16(d)), int(binary.LittleEndian.Uint16(d[2:]))
			f.width, f.height = int(binary.LittleEndian.Uint16(d[4:])), int(binary.LittleEndian.Uint16(d[6:]))
			f.interlaced = d[8]&0x40 != 0
			if local := b.table(d[8]); !greyRamp(local) {
				f.palette = local
			}
			f.codeBits = int(b.take(1)[0])
			if b.short {
				return nil, io.ErrUnexpectedEOF
			}
			f.packed = b.blocks()
			return f, nil
		case ';':
			return nil, fmt.Errorf("no frame")
		}
	}
	return nil, io.ErrUnexpectedEOF
}

// gifBytes reads the file in order. Past its end it gives zeros and says so.
type gifBytes struct {
	rest  []byte
	short bool
}

func (b *gifBytes) take(n int) []byte {
	if n > len(b.rest) {
		b.short, b.rest = true, nil
		return make([]byte, n)
	}
	out := b.rest[:n]
	b.rest = b.rest[n:]
	return out
}

// table reads a colour table if the flags announce one.
func (b *gifBytes) table(flags byte) []byte {
	if flags&0x80 == 0 {
		return nil
	}
	return b.take(3 << (flags&7 + 1))
}

// blocks joins sub-blocks up to the empty one, or up to one that is not whole.
// A frame whose blocks end early may still hold all its samples.
func (b *gifBytes) blocks() []byte {
	var out []byte
	for !b.short {
		n := int(b.take(1)[0])
		if n == 0 {
			break
		}
		if block := b.take(n); !b.short {
			out = append(out, block...)
		}
	}
	return out
}
