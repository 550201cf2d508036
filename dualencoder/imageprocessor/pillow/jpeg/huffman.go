package jpeg

// lookBits is how many bits one table look-up sees.
const lookBits = 10

// huffman is a decoding table (T.81, annex C and F.2.2.3).
type huffman struct {
	look    [1 << lookBits]entry
	maxCode [18]int32 // by length, -1 where there is none
	offset  [17]int32 // index of a length's first symbol less its code
	symbols []byte
}

// entry is what the next lookBits bits say: the symbol in bits 8 to 15 and its
// code's length in bits 0 to 7. Where the coefficient that follows is seen too,
// it stands in the upper half, and the length counts its bits; it is never 0.
// The zero entry stands for longer codes.
type entry uint32

func (e entry) length() uint { return uint(e & 0xff) }
func (e entry) symbol() byte { return byte(e >> 8) }
func (e entry) value() int16 { return int16(e >> 16) }

// newEntry is the entry of a code of some length and the bits after it.
func newEntry(symbol byte, length int, after int32) entry {
	e := entry(symbol)<<8 | entry(length)
	n := int(symbol & 15)
	if n == 0 || length+n > lookBits {
		return e
	}
	v := extend(after>>(lookBits-length-n)&(1<<n-1), uint(n))
	return entry(uint16(v))<<16 | entry(symbol)<<8 | entry(length+n)
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
					h.look[first+j] = newEntry(symbols[k+i], length, j)
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

// extend turns s bits into a signed value (T.81, F.2.2.1).
func extend(v int32, s uint) int32 {
	if s > 0 && v < 1<<(s-1) {
		return v - 1<<s + 1
	}
	return v
}
