package dualencoder

// A recorded program has one batch size and one length, so that inputs are
// brought to few of both.

// bucket is the length at which a text of n tokens runs: multiples of 4 up to
// 64, then steps of a quarter of the power of two below, up to limit.
func bucket(n, limit int) int {
	step := 4
	if n > 64 {
		for step = 16; 8*step < n; step *= 2 {
		}
	}
	return max(min((n+step-1)/step*step, limit), n)
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
			size = powerOfTwo(size / 2) // most need not be a power of two
		}
		sizes = append(sizes, size)
		n -= size
	}
	return sizes
}

// powerOfTwo is the largest up to n.
func powerOfTwo(n int) int {
	for n&(n-1) != 0 {
		n &= n - 1
	}
	return n
}

// batchCost is what a batch costs beside its tokens, as so many tokens more:
// each operation has a price of its own.
const batchCost = 64

// pack says how many of the next inputs are to share a batch, and its places,
// up to most. Input i of n takes each(i), falling with i, and a place as much as
// the first: few in a batch leave less of it empty, many pay its cost once.
func pack(n, most int, each func(int) int) (inputs, places int) {
	n = min(n, most)
	best, sum, at := 0.0, 0, 0
	place := each(0)
	for _, count := range counts(n, most) {
		for ; at < count; at++ {
			sum += each(at)
		}
		size := batches(count, most)[0]
		if rate := float64(sum) / float64(size*place+batchCost); rate > best {
			best, inputs, places = rate, count, size
		}
	}
	return inputs, places
}

// counts are the numbers of inputs, of n, that batches up to most can hold
// well: 1, 2, 4, …, most and n itself where few places stay empty.
func counts(n, most int) (out []int) {
	for c := 1; c <= n; c *= 2 {
		out = append(out, c)
	}
	if n&(n-1) != 0 && (n == most || batches(n, most)[0] >= n) {
		out = append(out, n)
	}
	return out
}
