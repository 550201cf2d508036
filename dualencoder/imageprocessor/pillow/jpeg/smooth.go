package jpeg

// guessed is how many coefficients of a block, in zigzag order, may be guessed.
const guessed = 10

// precision says for a component's first coefficients how many bits of each are
// still to come; -1 is all of them.
type precision [guessed]int

func unknown() precision {
	var p precision
	for k := range p {
		p[k] = -1
	}
	return p
}

// none reports whether no coefficient but the mean is known.
func (p precision) none() bool {
	q := unknown()
	q[0] = p[0]
	return p == q
}

// window is one number for each of 5 × 5 blocks, row by row.
type window [25]int64

// guess weighs the means of the blocks around one for its coefficient number
// at, in 256ths; across is the number of the coefficient whose weights are
// these with rows and columns changed.
type guess struct {
	at, across int
	weights    window
}

// guesses are libjpeg-turbo's since version 2.1, which take the place of those
// in T.81, K.8: where nothing but means is known the first table, else the
// second.
var guesses = [2][]guess{{
	{1, 2, window{-1, -1, 0, 1, 1, -3, 13, 0, -13, 3, -3, 38, 0, -38, 3, -3, 13, 0, -13, 3, -1, -1, 0, 1, 1}},
	{5, 3, window{5: 0, 2, -5, 2, 0, 1, 7, -14, 7, 1, 0, 2, -5, 2, 0}},
	{4, 4, window{-1, 0, 0, 0, 1, 0, 9, 0, -9, 0, 0, 0, 0, 0, 0, 0, -9, 0, 9, 0, 1, 0, 0, 0, -1}},
	{6, 9, window{5: 0, 1, 0, -1, 0, 0, 2, 0, -2, 0, 0, 1, 0, -1, 0}},
	{7, 8, window{5: 0, 1, -3, 1, 0, 0, 0, 0, 0, 0, 0, -1, 3, -1, 0}},
	{0, 0, window{-2, -6, -8, -6, -2, -6, 6, 42, 6, -6, -8, 42, 152, 42, -8, -6, 6, 42, 6, -6, -2, -6, -8, -6, -2}},
}, {
	{1, 2, window{10: -7, 50, 0, -50, 7}},
	{5, 3, window{10: -1, 13, -24, 13, -1}},
	{4, 4, window{0, -1, 0, 1, 0, -1, 10, 0, -10, 1, 0, 0, 0, 0, 0, 1, -10, 0, 10, -1, 0, 1, 0, -1, 0}},
}}

// learn notes what a scan of a progressive image brings.
func (s *scan) learn() {
	s.good = 0
	for _, c := range s.comps {
		if s.scans > 1 {
			c.before = c.known
		} else { // libjpeg takes all for known before the first scan, once another has begun
			c.before = precision{}
		}
		for k := s.from; k <= min(s.to, guessed-1); k++ {
			c.known[k] = int(s.low)
		}
	}
}

// smooth guesses the low frequencies that no scan has brought in full, from the
// means of the blocks around. Whole files have none, as a rule.
func (d *decoder) smooth() {
	useful := false
	for i := range d.comps {
		c := &d.comps[i]
		if c.quant == nil || c.known[0] < 0 {
			return
		}
		for k, bits := range c.known {
			if c.quant[natural[k]] == 0 {
				return
			}
			useful = useful || k > 0 && bits != 0
		}
	}
	if !useful {
		return
	}
	down := ceilDiv(d.height, 8*d.vMax)
	for i := range d.comps {
		c := &d.comps[i]
		means := make([]int16, c.stride*c.rows)
		for b := range means {
			means[b] = c.coeff[64*b]
		}
		for r := range down {
			known := c.known
			switch { // the last scan may not have come so far
			case r <= d.good:
			case d.scans == 1:
				known = unknown()
			default:
				known = c.before
			}
			rows := c.v
			if r == down-1 {
				rows = (ceilDiv(c.height, 8)-1)%c.v + 1
			}
			for y := range rows {
				// How near the edge is libjpeg counts as if each row of MCUs had
				// as many rows of blocks as this one.
				c.smoothRow(means, r*c.v+y, r*rows+y, rows*down, known)
			}
		}
	}
}

// smoothRow does a row of blocks, which counts as number of total.
func (c *component) smoothRow(means []int16, y, number, total int, known precision) {
	table := guesses[1]
	if known.none() {
		table = guesses[0]
	}
	above, below := min(number, 2), min(total-1-number, 2)
	last := ceilDiv(c.width, 8) - 1
	for x := range last + 1 {
		var around window
		for i := range around {
			row := y + min(max(i/5-2, -above), below)
			around[i] = int64(means[row*c.stride+min(max(x+i%5-2, 0), last)])
		}
		block := (*[64]int16)(c.coeff[64*(y*c.stride+x):])
		for _, g := range table {
			var sum, turned int64
			for i, w := range g.weights {
				sum += w * around[i]
				turned += w * around[i%5*5+i/5]
			}
			c.fill(block, g.at, sum, known)
			if g.across != g.at {
				c.fill(block, g.across, turned, known)
			}
		}
	}
}

// fill puts a guess in a coefficient's place, if it may be there: the mean's
// always, others where what is known of them is zero, and no more than is open.
func (c *component) fill(block *[64]int16, k int, sum int64, known precision) {
	at := natural[k]
	if k > 0 && (known[k] == 0 || block[at] != 0) {
		return
	}
	q := int64(c.quant[at])
	size, sign := sum*int64(c.quant[0]), int64(1)
	if size < 0 {
		size, sign = -size, -1
	}
	size = (q<<7 + size) / (q << 8)
	if k > 0 && known[k] > 0 {
		size = min(size, 1<<known[k]-1)
	}
	block[at] = int16(sign * size)
}
