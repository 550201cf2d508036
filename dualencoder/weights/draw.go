package weights

import (
	"hash/fnv"
	"math"
	"strings"
)

// Draw makes a tensor as a new model has it: biases 0, norms 1, all else normal
// with deviation std. The numbers depend on seed, name and place only.
func Draw(seed uint64, std float64, name string, shape []int) Stored {
	h := fnv.New64a()
	h.Write([]byte(name))
	key := h.Sum64() ^ seed*0x9e3779b97f4a7c15
	value := func(i int) float32 { return float32(std * normal(key, uint64(i))) }
	switch {
	case strings.HasSuffix(name, ".bias"):
		value = func(int) float32 { return 0 }
	case len(shape) == 1 && strings.HasSuffix(name, ".weight"):
		value = func(int) float32 { return 1 }
	}
	return Stored{Shape: shape, Read: func(first int, dst []float32) error {
		for i := range dst {
			dst[i] = value(first + i)
		}
		return nil
	}}
}

// Constant is a tensor whose elements are all v.
func Constant(v float32, shape []int) Stored {
	return Stored{Shape: shape, Read: func(_ int, dst []float32) error {
		for i := range dst {
			dst[i] = v
		}
		return nil
	}}
}

// normal is the standard normal number at place i of the stream named by key
// (Box and Muller, 1958).
func normal(key, i uint64) float64 {
	u := (float64(splitmix(key+2*i)>>11) + 0.5) / (1 << 53)
	v := float64(splitmix(key+2*i+1)>>11) / (1 << 53)
	return math.Sqrt(-2*math.Log(u)) * math.Cos(2*math.Pi*v)
}

// splitmix is the output function of SplitMix64 (Steele, Lea and Flood, 2014).
func splitmix(x uint64) uint64 {
	x = (x + 1) * 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
