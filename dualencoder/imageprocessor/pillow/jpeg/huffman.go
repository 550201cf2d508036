package jpeg

import "io"

// lookBits is how many bits of a code one table look-up decides.
const lookBits = 9

// huffman is a decoding table (T.81, annex C and F.2.2.3).
type huffman struct {
	look    [1 << lookBits]uint16 // length<<8 | symbol, 0 for longer codes
	maxCode [18]int32             // by length, -1 where there is none
	offset  [17]int32             // index of a length's first symbol less its code
	symbols []byte
}

func (d *decoder) huffmanTables(b []byte) error {
	for len(b) > 0 {
		if len(b) < 17 {
			return broken("a Huffman table of %d bytes", len(b))
		}
		class, id := b[0]>>4, b[0]&15
		n := 0
		for _, c := range b[1:17] {
			n += int(c)
		}
		if class > 1 || id > 3 || n > 256 || len(b) < 17+n {
			return broken("Huffman table %d of class %d with %d symbols", id, class, n)
		}
		h, err := newHuffman(b[1:17], b[17:17+n])
		if err != nil {
			return err
		}
		if class == 0 {
			d.dc[id] = h
		} else {
			d.ac[id] = h
		}
		b = b[17+n:]
	}
	return nil
}

func newHuffman(counts, symbols []byte) (*huffman, error) {
	h := &huffman{symbols: symbols}
	code, k := int32(0), int32(0)
	for length := 1; length <= 16; length++ {
		n := int32(counts[length-1])
		h.offset[length] = k - code
		h.maxCode[length] = -1
		if n > 0 {
			if code+n > 1<<length {
				return nil, broken("a Huffman table with too many codes of %d bits", length)
			}
			h.maxCode[length] = code + n - 1
		}
		if length <= lookBits {
			for i := range n {
				first := (code + i) << (lookBits - length)
				for j := range int32(1) << (lookBits - length) {
					h.look[first+j] = uint16(length)<<8 | uint16(symbols[k+i])
				}
			}
		}
		k += n
		code = (code + n) << 1
	}
	h.maxCode[17] = 1<<31 - 1
	return h, nil
}

// forDC says whether every symbol can be a DC difference's number of bits.
func (h *huffman) forDC() error {
	for _, s := range h.symbols {
		if s > 15 {
			return broken("a difference of %d bits in a Huffman table", s)
		}
	}
	return nil
}

// bits reads the entropy-coded bytes of a scan.
type bits struct {
	data   []byte
	at     int
	acc    uint64
	n      uint // bits in acc
	marker byte // met in the data: no more bytes come
	ended  bool // the data itself ended
	short  bool // zeros were made up since the last restart
	err    error
}

// fill takes bytes while there is room, up to a marker.
func (b *bits) fill() {
	for b.n <= 56 && b.marker == 0 && !b.ended {
		if b.at >= len(b.data) {
			b.ended = true
			return
		}
		c := b.data[b.at]
		b.at++
		if c == 0xff {
			for c == 0xff && b.at < len(b.data) {
				c = b.data[b.at]
				b.at++
			}
			switch c {
			case 0:
				c = 0xff
			case 0xff:
				b.ended = true
				return
			default:
				b.marker = c
				return
			}
		}
		b.acc = b.acc<<8 | uint64(c)
		b.n += 8
	}
}

// need makes at least n ≤ 16 bits available: zeros after a marker, an error
// after the end of the data.
func (b *bits) need(n uint) {
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
	b.acc <<= 32
	b.n += 32
}

// take returns the next n ≤ 16 bits.
func (b *bits) take(n uint) int32 {
	b.need(n)
	b.n -= n
	return int32(b.acc >> b.n & (1<<n - 1))
}

// symbol decodes one Huffman code. A code that is in no table counts as 0.
func (b *bits) symbol(h *huffman) byte {
	if b.n < 16 {
		b.fill()
	}
	if b.n >= lookBits {
		if e := h.look[b.acc>>(b.n-lookBits)&(1<<lookBits-1)]; e != 0 {
			b.n -= uint(e >> 8)
			return byte(e)
		}
	}
	code := int32(0)
	for length := 1; length <= 16; length++ {
		code = code<<1 | b.take(1)
		if code <= h.maxCode[length] {
			return h.symbols[h.offset[length]+code]
		}
	}
	return 0
}

// extend turns s bits into a signed value (T.81, F.2.2.1).
func extend(v int32, s uint) int32 {
	if s > 0 && v < 1<<(s-1) {
		return v - 1<<s + 1
	}
	return v
}

// restart skips to restart marker number next of 8, as libjpeg looks for it:
// a marker of the near future is left for later, one of the near past is
// passed over, and anything else counts as the right one.
func (b *bits) restart(next byte) {
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
