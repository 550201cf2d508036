package pillow

import (
	"math"

	"github.com/vkdual/vkdual/dualencoder/imageprocessor/pillow/simd"
)

// fractionBits is the number of fractional bits of a fixed-point weight:
// 32 bits less 8 for the sample and 2 for overshoot.
const fractionBits = 32 - 8 - 2

// taps holds, for a run of output positions, the first source index and the
// fixed-point weights of each.
type taps struct {
	size    int     // weights kept for each position
	first   []int32 // first source index
	count   []int32 // how many of the weights count
	weights []int32 // [len(first)][size]
}

// at returns position i's first source index and its weights.
func (t *taps) at(i int) (first int, weights []int32) {
	return int(t.first[i]), t.weights[i*t.size : i*t.size+int(t.count[i])]
}

// lanes are the taps in the form that goes along a row: filled up with zeros to
// a whole number of lanes.
func (t *taps) lanes() simd.Taps {
	size := (t.size + simd.Lanes - 1) / simd.Lanes * simd.Lanes
	weights := make([]int32, size*len(t.first))
	for i := range t.first {
		_, w := t.at(i)
		copy(weights[i*size:], w)
	}
	return simd.NewTaps(size, t.first, weights)
}

// span returns the source range [lo, hi) that the positions read.
func (t *taps) span() (lo, hi int) {
	lo = math.MaxInt
	for i, f := range t.first {
		lo, hi = min(lo, int(f)), max(hi, int(f+t.count[i]))
	}
	return lo, hi
}

// newTaps computes the weights of output positions [from, to) of outSize that
// read the source interval [in0, in1) of inSize samples. Pillow widens the
// filter by the shrink factor (antialiasing), normalises the weights, then
// rounds each to fixed point. The interval is in float32 as it is there.
func newTaps(f Filter, inSize int, in0, in1 float32, outSize, from, to int) *taps {
	kernel, support := f.kernel()
	scale := float64(in1-in0) / float64(outSize)
	filterScale := max(scale, 1)
	support *= filterScale
	inverse := 1 / filterScale
	size := min(int(math.Ceil(support))*2+1, inSize)

	t := &taps{
		size:    size,
		first:   make([]int32, to-from),
		count:   make([]int32, to-from),
		weights: make([]int32, (to-from)*size),
	}
	w := make([]float64, size)
	for i := range to - from {
		center := float64(in0) + float64((float64(from+i)+0.5)*scale)
		lo := max(int(center-support+0.5), 0)
		hi := min(int(center+support+0.5), inSize)
		n := hi - lo
		sum := 0.0
		for x := range n {
			w[x] = kernel((float64(x+lo) - center + 0.5) * inverse)
			sum += w[x]
		}
		t.first[i], t.count[i] = int32(lo), int32(n)
		for x := range n {
			v := w[x]
			if sum != 0 {
				v /= sum
			}
			t.weights[i*size+x] = fixed(v)
		}
	}
	return t
}

// fixed rounds half away from zero to fractionBits.
func fixed(v float64) int32 {
	v *= 1 << fractionBits
	if v < 0 {
		return int32(v - 0.5)
	}
	return int32(v + 0.5)
}
