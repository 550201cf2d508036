package weights

import (
	"hash/fnv"
	"math"
)

// A Start is the distribution that a new parameter is drawn from.
type Start struct {
	Deviation float64 // of a normal distribution around 0
	Bound     float64 // else of a uniform one from -Bound to Bound
	Value     float64 // else this
	// Zero is a row of a table that is 0 all the same, counted from 1.
	Zero int
}

// Draw makes a tensor of numbers that depend on seed, name and place only, so that they are the same
// on every machine, whatever else is drawn.
func (s Start) Draw(seed uint64, name string, shape []int) Stored {
	h := fnv.New64a()
	h.Write([]byte(name))
	key := h.Sum64() ^ seed*0x9e3779b97f4a7c15
	value := func(uint64) float64 { return s.Value }
	switch {
	case s.Deviation != 0:
		value = func(i uint64) float64 { return s.Deviation * normal(key, i) }
	case s.Bound != 0:
		value = func(i uint64) float64 { return s.Bound * (2*uniform(key+i) - 1) }
	}
	row := 1
	if len(shape) > 1 {
		row = elements(shape[1:])
	}
	return Stored{Shape: shape, Read: func(first int, dst []float32) error {
		for i := range dst {
			if at := first + i; s.Zero > 0 && at/row == s.Zero-1 {
				dst[i] = 0
			} else {
				dst[i] = float32(value(uint64(at)))
			}
		}
		return nil
	}}
}

// normal is the standard normal number at place i of the stream named by key
// (Box and Muller, 1958).
func normal(key, i uint64) float64 {
	u := (float64(splitmix(key+2*i)>>11) + 0.5) / (1 << 53)
	return math.Sqrt(-2*math.Log(u)) * math.Cos(2*math.Pi*uniform(key+2*i+1))
}

// uniform is a number of [0, 1).
func uniform(key uint64) float64 { return float64(splitmix(key)>>11) / (1 << 53) }

// splitmix is the output function of SplitMix64 (Steele, Lea and Flood, 2014).
func splitmix(x uint64) uint64 {
	x = (x + 1) * 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
