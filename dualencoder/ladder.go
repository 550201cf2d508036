package dualencoder

// A recorded program has one batch size and one length, so that inputs are
// brought to few of both.

// bucket is the length at which a text of n tokens runs: multiples of 8, then
// steps of at most a half, up to limit.
func bucket(n, limit int) int {
	b := 8
	for b < n {
		switch {
		case b < 32:
			b += 8
		case b&(b-1) == 0: // 32 → 48
			b += b / 2
		default: // 48 → 64
			b += b / 3
		}
	}
	return max(min(b, limit), n)
}

// batches splits n inputs into runs of the sizes 1, 2, 4, … and most; a run may
// have more places than inputs are left, when at most a quarter stays empty.
func batches(n, most int) (sizes []int) {
	for n > 0 {
		size := 1
		for size < n {
			size *= 2
		}
		size = min(size, most)
		if 4*n < 3*size {
			size /= 2
			for size&(size-1) != 0 { // most need not be a power of two
				size &= size - 1
			}
		}
		sizes = append(sizes, size)
		n -= size
	}
	return sizes
}
