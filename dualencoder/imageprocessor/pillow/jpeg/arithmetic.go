package jpeg

// arithmetic decodes binary decisions (T.81, annex D.2).
type arithmetic struct {
	in    *bitReader
	c, a  uint32 // code and interval: the upper 16 bits of c against the 17 of a
	count int    // bits of c that are left
}

// bin is what is known of a decision: an estimate, and in the highest bit the
// more probable symbol.
type bin uint8

// begin reads the first two bytes (INITDEC).
func (d *arithmetic) begin(in *bitReader) {
	*d = arithmetic{in: in, a: 0x10000}
	d.next()
	d.c <<= 8
	d.next()
	d.c <<= 8
}

// next takes a byte into c: zero after a marker, an error after the data's end.
func (d *arithmetic) next() {
	if d.in.marker == 0 {
		c, ok := d.in.codedByte()
		if !ok && d.in.marker == 0 {
			// Not an end that could be mended: zeros go on as noise.
			d.in.err = broken("arithmetic coding that ends too early")
		}
		d.c += uint32(c) << 8
	}
}

// decide decodes one decision. Renormalising is put off until then, so that
// nothing is read in vain.
func (d *arithmetic) decide(b *bin) bool {
	for d.a < 0x8000 {
		if d.count == 0 {
			d.next()
			d.count = 8
		}
		d.a <<= 1
		d.c <<= 1
		d.count--
	}
	likely := *b >> 7
	e := &estimates[*b&0x7f]
	qe := uint32(e.qe)
	d.a -= qe
	less := false
	switch {
	case d.c>>16 >= d.a: // the lower part, unless it is the larger one
		d.c -= d.a << 16
		less = d.a >= qe
		d.a = qe
	case d.a >= 0x8000:
		return likely != 0
	default:
		less = d.a < qe
	}
	if !less {
		*b = likely<<7 | bin(e.more)
		return likely != 0
	}
	*b = (likely^bin(e.swap))<<7 | bin(e.less)
	return likely == 0
}

// even decodes a decision that is as likely as not.
func (d *arithmetic) even() bool {
	b := bin(evens)
	return d.decide(&b)
}

// conditioning says how contexts are told apart (DAC segments).
type conditioning struct {
	small, large [4]uint // bits of a DC difference that is small, and large
	low          [4]int  // the last coefficient of low frequency
}

func newConditioning() conditioning {
	return conditioning{large: [4]uint{1, 1, 1, 1}, low: [4]int{5, 5, 5, 5}}
}

func (d *decoder) conditioning(b []byte) error {
	for ; len(b) >= 2; b = b[2:] {
		class, id, v := b[0]>>4, b[0]&15, b[1]
		switch {
		case id > 3 || class > 1:
			return broken("conditioning of table %d of class %d", id, class)
		case class == 1:
			d.conditions.low[id] = int(v)
		case v&15 > v>>4:
			return broken("conditioning of DC differences from %d to %d bits", v&15, v>>4)
		default:
			d.conditions.small[id], d.conditions.large[id] = uint(v&15), uint(v>>4)
		}
	}
	if len(b) > 0 {
		return broken("half a conditioning")
	}
	return nil
}

// coder is the state of an arithmetic scan.
type coder struct {
	arithmetic
	dc      [4][64]bin  // by table
	ac      [4][256]bin // by table
	context [4]int      // by component: of the DC difference before
	lost    bool        // a code that cannot be: nothing more up to the next restart
}

// restart forgets all statistics.
func (c *coder) restart(in *bitReader) {
	*c = coder{}
	c.begin(in)
}

// magnitude decodes a value's size less 1 (F.1.4.3): first is the bin of its
// first decision, which was yes where bits is 1 or more, more those of the next.
func (c *coder) magnitude(bits int, more []bin) (v, top int) {
	at := 0
	for ; bits > 0 && c.decide(&more[at]); at++ {
		if bits <<= 1; bits == 0x8000 {
			c.lost = true
			return 0, 0
		}
	}
	top, v = bits, bits
	for bits >>= 1; bits > 0; bits >>= 1 {
		if c.decide(&more[at+14]) {
			v |= bits
		}
	}
	return v, top
}

// difference decodes a DC difference of component i with table t (F.1.4.4.1).
func (c *coder) difference(i int, t byte, cond *conditioning) int32 {
	bins := c.dc[t][:]
	s := c.context[i]
	if !c.decide(&bins[s]) {
		c.context[i] = 0
		return 0
	}
	sign := 0
	if c.decide(&bins[s+1]) {
		sign = 1
	}
	bits := 0
	if c.decide(&bins[s+2+sign]) {
		bits = 1
	}
	v, top := c.magnitude(bits, bins[20:])
	switch {
	case top < 1<<cond.small[t]>>1:
		c.context[i] = 0
	case top > 1<<cond.large[t]>>1:
		c.context[i] = 12 + 4*sign
	default:
		c.context[i] = 4 + 4*sign
	}
	if sign != 0 {
		return int32(-v - 1)
	}
	return int32(v + 1)
}

// coefficients decodes a band of a block (F.1.4.4.2).
func (c *coder) coefficients(s *scan, from int, block *[64]int16, set *places, t byte) {
	bins := c.ac[t][:]
	for k := from; k <= s.to; k++ {
		if c.decide(&bins[3*(k-1)]) { // the end of the block
			return
		}
		for !c.decide(&bins[3*(k-1)+1]) {
			if k++; k > s.to {
				c.lost = true
				return
			}
		}
		negative := c.even()
		size := &bins[3*(k-1)+2]
		bits := 0
		more := bins[189:]
		if k > s.conditions.low[t] {
			more = bins[217:]
		}
		v := 0
		if c.decide(size) {
			bits = 1
			if c.decide(size) {
				bits = 2
				v, _ = c.magnitude(bits, more)
			} else {
				v = 1
			}
		}
		if c.lost {
			return
		}
		if v++; negative {
			v = -v
		}
		put(block, set, k, int16(v<<s.low))
	}
}

// refine decodes one more bit of a band (G.1.3.3).
func (c *coder) refine(s *scan, block *[64]int16, set *places, t byte) {
	bins := c.ac[t][:]
	plus := int16(1) << s.low
	last := 0 // the last coefficient that is not zero
	for k := 1; k <= s.to; k++ {
		if block[natural[k]] != 0 {
			last = k
		}
	}
	for k := s.from; k <= s.to; k++ {
		if k > last && c.decide(&bins[3*(k-1)]) {
			return
		}
		for {
			p := &block[natural[k]]
			if *p != 0 {
				if c.decide(&bins[3*(k-1)+2]) {
					if *p < 0 {
						*p -= plus
					} else {
						*p += plus
					}
				}
				break
			}
			if c.decide(&bins[3*(k-1)+1]) {
				v := plus
				if c.even() {
					v = -plus
				}
				put(block, set, k, v)
				break
			}
			if k++; k > s.to {
				c.lost = true
				return
			}
		}
	}
}

// block decodes what a scan has of one block of component i.
func (c *coder) block(s *scan, i int, block *[64]int16, set *places) {
	if c.lost {
		return
	}
	if s.from == 0 && s.high > 0 {
		if c.even() {
			block[0] |= 1 << s.low
		}
		return
	}
	if s.from == 0 {
		s.last[i] += c.difference(i, s.dcID[i], &s.conditions)
		if c.lost {
			return
		}
		block[0] = int16(s.last[i] << s.low)
	}
	if s.to == 0 {
		return
	}
	if s.high > 0 {
		c.refine(s, block, set, s.acID[i])
	} else {
		c.coefficients(s, max(s.from, 1), block, set, s.acID[i])
	}
}
