package jpeg

import (
	"encoding/binary"
	"io"
)

// bitReader reads the entropy-coded bytes of a scan.
type bitReader struct {
	data   []byte
	at     int
	acc    uint64 // the next bits, from the top; zeros below them
	n      uint   // bits in acc
	marker byte   // met in the data: no more bytes come
	ended  bool   // the data itself ended
	short  bool   // zeros were made up since the last restart
	err    error
}

// enough is how many bits a symbol with what follows it takes at most.
const enough = 32

// fill takes bytes while there is room, up to a marker.
func (b *bitReader) fill() {
	for b.n <= 56 && b.marker == 0 && !b.ended {
		// Four at a time, where none is 0xFF.
		if b.n <= 32 && b.at+4 <= len(b.data) {
			if w := binary.BigEndian.Uint32(b.data[b.at:]); (^w-0x01010101)&w&0x80808080 == 0 {
				b.acc |= uint64(w) << (32 - b.n)
				b.n += 32
				b.at += 4
				continue
			}
		}
		c, ok := b.codedByte()
		if !ok {
			return
		}
		b.acc |= uint64(c) << (56 - b.n)
		b.n += 8
	}
}

// codedByte takes one byte. Where there is none it has met a marker or the
// data's end.
func (b *bitReader) codedByte() (c byte, ok bool) {
	if b.at >= len(b.data) {
		b.ended = true
		return 0, false
	}
	c = b.data[b.at]
	b.at++
	if c != 0xff {
		return c, true
	}
	for c == 0xff && b.at < len(b.data) {
		c = b.data[b.at]
		b.at++
	}
	switch c {
	case 0:
		return 0xff, true
	case 0xff:
		b.ended = true
	default:
		b.marker = c
	}
	return 0, false
}

// need makes at least n ≤ 16 bits available: zeros after a marker, an error
// after the end of the data.
func (b *bitReader) need(n uint) {
	if b.n >= n {
		return
	}
	b.fill()
	if b.n >= n {
		return
	}
	if b.ended {
		b.err = io.ErrUnexpectedEOF
	}
	b.short = true
	b.n += 32
}

// skip drops n available bits.
func (b *bitReader) skip(n uint) {
	b.acc <<= n
	b.n -= n
}

// take returns the next n bits, 1 to 16.
func (b *bitReader) take(n uint) int32 {
	b.need(n)
	v := int32(b.acc >> (64 - n))
	b.skip(n)
	return v
}

// bit returns the next bit.
func (b *bitReader) bit() int16 {
	if b.n == 0 {
		b.need(1)
	}
	v := int16(b.acc >> 63)
	b.skip(1)
	return v
}

// symbol decodes one Huffman code. A code that is in no table counts as 0.
func (b *bitReader) symbol(h *huffman) byte {
	if b.n < 16 {
		b.fill()
	}
	if b.n >= lookBits {
		e := h.look[b.acc>>(64-lookBits)]
		if n := e.length(); e != 0 {
			if e.value() != 0 { // its length counts the bits that follow
				n -= uint(e.symbol() & 15)
			}
			b.skip(n)
			return e.symbol()
		}
	}
	code := int32(0)
	for length := 1; length <= 16; length++ {
		code = code<<1 | int32(b.bit())
		if code <= h.maxCode[length] {
			return h.symbols[h.offset[length]+code]
		}
	}
	return 0
}

// restart skips to restart marker number next of 8, as libjpeg looks for it:
// a marker of the near future is left for later, one of the near past is
// passed over, and anything else counts as the right one.
func (b *bitReader) restart(next byte) {
	b.acc, b.n = 0, 0
	for {
		for b.marker == 0 {
			if b.at+1 >= len(b.data) {
				b.ended, b.err = true, io.ErrUnexpectedEOF
				return
			}
			if b.data[b.at] == 0xff && b.data[b.at+1] != 0 && b.data[b.at+1] != 0xff {
				b.marker = b.data[b.at+1]
				b.at++
			}
			b.at++
		}
		switch m := b.marker; {
		case m < sof0: // not a marker at all: go on
		case m < rst0 || m > rst7:
			return
		default:
			switch (m - rst0 - next) & 7 {
			case 1, 2:
				return
			case 6, 7:
			default:
				b.marker, b.short = 0, false
				return
			}
		}
		b.marker = 0
	}
}
