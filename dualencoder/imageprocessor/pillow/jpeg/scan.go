package jpeg

import (
	"io"
	"math/bits"
)

// scan is one pass over some components.
type scan struct {
	*decoder
	in     bitReader
	comps  []*component
	dc, ac []*huffman
	// Progressive: the band of coefficients, and the bit position.
	from, to  int
	high, low uint

	coder      *coder // arithmetic only
	dcID, acID []byte // numbers of tables

	last   [4]int32 // by component: the previous DC value
	eobRun int32
}

// scan reads a scan's header and its data.
func (d *decoder) scan(b []byte) error {
	if d.comps == nil {
		return broken("a scan before the frame header")
	}
	if d.scans++; d.scans > maxScans {
		return broken("more than %d scans", maxScans)
	}
	if d.scans == 1 && !d.progressive {
		d.standardTables()
	}
	s := &scan{decoder: d}
	if err := s.header(b); err != nil {
		return err
	}
	for _, c := range s.comps {
		if c.quant != nil {
			continue
		}
		if c.quant = d.quant[c.table]; c.quant == nil {
			return broken("component %d: quantisation table %d is not defined", c.id, c.table)
		}
	}
	if d.progressive {
		s.learn()
	}
	s.in = bitReader{data: d.data, at: d.at}
	if err := s.decode(); err != nil {
		return err
	}
	if d.at = s.in.at; s.in.marker != 0 {
		d.at -= 2 // read it again as a segment
	}
	if d.progressive {
		return nil
	}
	for i := range d.comps {
		if d.comps[i].quant == nil {
			return nil
		}
	}
	d.complete = true
	// libjpeg looks ahead: without a marker behind it the scan is not complete.
	for s.in.marker == 0 && !s.in.ended {
		s.in.n = 0
		s.in.fill()
	}
	if s.in.marker == 0 {
		return io.ErrUnexpectedEOF
	}
	return nil
}

func (s *scan) header(b []byte) error {
	if len(b) < 1 || len(b) != 4+2*int(b[0]) || b[0] < 1 || b[0] > 4 {
		return broken("a scan header of %d bytes", len(b))
	}
	n := int(b[0])
	blocks := 0
	for i := range n {
		id, tables := b[1+2*i], b[2+2*i]
		var c *component
		for j := range s.decoder.comps {
			if s.decoder.comps[j].id == id {
				c = &s.decoder.comps[j]
				break
			}
		}
		if c == nil {
			return broken("a scan of component %d, which the frame does not have", id)
		}
		for _, other := range s.comps {
			if other == c {
				return broken("a scan that names component %d twice", id)
			}
		}
		blocks += c.h * c.v
		s.comps = append(s.comps, c)
		s.dcID, s.acID = append(s.dcID, tables>>4), append(s.acID, tables&15)
		s.dc = append(s.dc, table(&s.decoder.dc, tables>>4))
		s.ac = append(s.ac, table(&s.decoder.ac, tables&15))
	}
	if n > 1 && blocks > 10 {
		return broken("a scan of %d blocks at a time; 10 are allowed", blocks)
	}
	t := b[1+2*n:]
	s.from, s.to, s.high, s.low = int(t[0]), int(t[1]), uint(t[2]>>4), uint(t[2]&15)
	if !s.progressive {
		s.from, s.to, s.high, s.low = 0, 63, 0, 0 // whatever the file says
	} else if s.from > s.to || s.to > 63 || s.from == 0 && s.to != 0 || s.from > 0 && n > 1 ||
		s.low > 13 || s.high != 0 && s.low != s.high-1 {
		return broken("a progressive scan of coefficients %d to %d, bits %d to %d", s.from, s.to, s.high, s.low)
	}
	if s.arithmetic {
		for i, c := range s.comps {
			if s.dcID[i] > 3 || s.acID[i] > 3 {
				return broken("component %d: tables %d and %d; 0 to 3 are supported", c.id, s.dcID[i], s.acID[i])
			}
		}
		return nil
	}
	for i := range s.comps {
		dc, ac := s.from == 0 && s.high == 0, s.to > 0
		if dc && s.dc[i] == nil || ac && s.ac[i] == nil {
			return broken("component %d: its Huffman table is not defined", s.comps[i].id)
		}
		if dc {
			if err := s.dc[i].forDC(); err != nil {
				return err
			}
		}
	}
	return nil
}

// table returns a table by its number, nil where there is none.
func table(tables *[4]*huffman, id byte) *huffman {
	if int(id) >= len(tables) {
		return nil
	}
	return tables[id]
}

// decode goes over the scan's MCUs: one block where it has one component,
// else all blocks of all components that share an area.
func (s *scan) decode() error {
	across, down := ceilDiv(s.width, 8*s.hMax), ceilDiv(s.height, 8*s.vMax)
	if len(s.comps) == 1 {
		across, down = ceilDiv(s.comps[0].width, 8), ceilDiv(s.comps[0].height, 8)
	}
	if s.arithmetic {
		s.coder = new(coder)
		s.coder.restart(&s.in)
	}
	left, next := s.interval, byte(0)
	for my := range down {
		for mx := range across {
			if s.interval > 0 {
				if left == 0 {
					s.in.restart(next)
					s.last, s.eobRun = [4]int32{}, 0
					left, next = s.interval, (next+1)&7
					if s.arithmetic {
						s.coder.restart(&s.in)
					}
				}
				left--
			}
			if !s.in.short {
				s.good = my
				if len(s.comps) == 1 {
					s.good = my / s.comps[0].v
				}
			}
			// After made-up zeros nothing is read up to the next restart. The
			// blocks stay as they are: grey, or as an earlier scan left them.
			if s.in.short && !(s.progressive && s.high > 0 && s.from == 0) {
				continue
			}
			s.mcu(mx, my)
			if s.in.err != nil {
				return s.in.err
			}
		}
		if !s.progressive {
			s.finish(my)
		}
	}
	return nil
}

// finish transforms a row of MCUs and makes room for the next.
func (s *scan) finish(my int) {
	for _, c := range s.comps {
		v := c.v
		if len(s.comps) == 1 {
			v = 1
		}
		c.transform(my*v, v)
		clear(c.coeff)
	}
}

func (s *scan) mcu(mx, my int) {
	if s.from > 0 && !s.arithmetic { // progressive, one component
		c := s.comps[0]
		at := my*c.stride + mx
		block := (*[64]int16)(c.coeff[64*at:])
		if s.high == 0 {
			s.acFirst(block, &c.set[at], s.ac[0])
		} else {
			s.acRefine(block, &c.set[at], s.ac[0])
		}
		return
	}
	for i, c := range s.comps {
		h, v := c.h, c.v
		if len(s.comps) == 1 {
			h, v = 1, 1
		}
		first := my * v // row of blocks
		if !s.progressive {
			first = 0
		}
		for by := range v {
			for bx := range h {
				at := (first+by)*c.stride + mx*h + bx
				block := (*[64]int16)(c.coeff[64*at:])
				switch {
				case s.arithmetic && s.progressive:
					s.coder.block(s, i, block, &c.set[at])
				case s.arithmetic:
					s.coder.block(s, i, block, new(places))
				case !s.progressive:
					s.sequential(block, s.dc[i], s.ac[i], &s.last[i])
				case s.high == 0:
					s.last[i] += s.difference(s.dc[i])
					block[0] = int16(s.last[i] << s.low)
				default:
					block[0] |= s.in.bit() << s.low
				}
			}
		}
	}
}

// difference reads a DC difference.
func (s *scan) difference(h *huffman) int32 {
	n := uint(s.in.symbol(h))
	if n == 0 {
		return 0
	}
	return extend(s.in.take(n), n)
}

// sequential decodes one block, whose coefficients are zeros.
func (s *scan) sequential(block *[64]int16, dc, ac *huffman, last *int32) {
	*last += s.difference(dc)
	block[0] = int16(*last)
	// The registers of s.in are kept in variables while bits are plenty.
	b := &s.in
	acc, n := b.acc, b.n
	for k := uint(1); k < 64; k++ {
		if n < enough {
			b.acc, b.n = acc, n
			b.fill()
			acc, n = b.acc, b.n
			if n < enough {
				s.sequentialEnd(block, ac, k)
				return
			}
		}
		e := ac.look[acc>>(64-lookBits)]
		if v := e.value(); v != 0 {
			acc <<= e.length() & 63
			n -= e.length()
			k += uint(e.symbol() >> 4)
			block[natural[k&127]&63] = v
			continue
		}
		symbol := e.symbol()
		if e != 0 {
			acc <<= e.length() & 63
			n -= e.length()
		} else {
			b.acc, b.n = acc, n
			symbol = b.symbol(ac)
			acc, n = b.acc, b.n
		}
		size := uint(symbol & 15)
		if size == 0 {
			if symbol != 0xf0 {
				break
			}
			k += 15
			continue
		}
		k += uint(symbol >> 4)
		block[natural[k&127]&63] = int16(extend(int32(acc>>(64-size)), size))
		acc <<= size
		n -= size
	}
	b.acc, b.n = acc, n
}

// sequentialEnd decodes a block from coefficient k on where the data may end.
func (s *scan) sequentialEnd(block *[64]int16, ac *huffman, k uint) {
	for ; k < 64; k++ {
		v := s.in.symbol(ac)
		run, n := uint(v>>4), uint(v&15)
		if n == 0 {
			if run != 15 {
				return
			}
			k += 15
			continue
		}
		k += run
		block[natural[k]] = int16(extend(s.in.take(n), n))
	}
}

// acFirst reads the first bits of a band (T.81, G.1.2.2).
func (s *scan) acFirst(block *[64]int16, set *places, h *huffman) {
	if s.eobRun > 0 {
		s.eobRun--
		return
	}
	for k := s.from; k <= s.to; k++ {
		v := s.in.symbol(h)
		run, n := int(v>>4), uint(v&15)
		switch {
		case n != 0:
			k += run
			put(block, set, k, int16(extend(s.in.take(n), n)<<s.low))
		case run == 15:
			k += 15
		default:
			s.eobRun = 1<<run - 1
			if run > 0 {
				s.eobRun += s.in.take(uint(run))
			}
			return
		}
	}
}

// places says which coefficients of a block are not zero, in zigzag order.
type places uint64

// next is the first place from k on, 64 where there is none.
func (p places) next(k int) int {
	return max(k, bits.TrailingZeros64(uint64(p>>k<<k)))
}

// put writes a coefficient.
func put(block *[64]int16, set *places, k int, v int16) {
	block[natural[k&127]&63] = v
	if bit := places(1) << min(k, 63); v != 0 {
		*set |= bit
	} else {
		*set &^= bit
	}
}

// acRefine reads one more bit of a band (T.81, G.1.2.3): a correction bit for
// each coefficient that is not zero yet, and new ones of ±1 in between.
func (s *scan) acRefine(block *[64]int16, set *places, h *huffman) {
	k := s.from
	if s.eobRun == 0 {
	band:
		for ; k <= s.to; k++ {
			v := s.in.symbol(h)
			run, n := int(v>>4), v&15
			fresh := int16(0)
			if n != 0 {
				fresh = (2*s.in.bit() - 1) << s.low
			} else if run != 15 {
				s.eobRun = 1 << run
				if run > 0 {
					s.eobRun += s.in.take(uint(run))
				}
				break band
			}
			k = s.correct(block, *set, k, run)
			if fresh != 0 {
				put(block, set, k, fresh)
			}
		}
	}
	if s.eobRun > 0 {
		s.correct(block, *set, k, 64)
		s.eobRun--
	}
}

// correct reads a bit for each coefficient from k on that is not zero, until it
// has passed run zeros: it returns the place of the next zero, or the band's end.
func (s *scan) correct(block *[64]int16, set places, k, run int) int {
	plus, end := int16(1)<<s.low, s.to+1
	for k < end {
		next := min(set.next(k), end)
		if next-k > run {
			return k + run
		}
		run -= next - k
		if k = next; k == end {
			break
		}
		// Away from zero if the bit is 1, which no processor can predict.
		p := &block[natural[k&127]&63]
		if bit := s.in.bit(); *p&plus == 0 {
			sign := *p >> 15
			*p += ((plus ^ sign) - sign) & -bit
		}
		k++
	}
	return k
}
