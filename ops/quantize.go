package ops

import "math"

// block4 is the number of inputs that share a scale in Q4.
const block4 = 32

// quantizeRow8 writes v as integers from -127 to 127 that times scale come near v.
func quantizeRow8(codes []int8, v []float32) (scale float32) {
	scale = largest(v) / 127
	if scale < smallest { // its reciprocal may be infinite
		clear(codes)
		return 0
	}
	quantize(codes, v, scale, -127, 127)
	return scale
}

// quantizeBlock4 writes v as integers from -8 to 7 that times scale, a bf16,
// come near v. With so few integers it pays to clip the largest element a
// little, and it had better be on the side of -8: of two such scales it takes
// the one with the lesser sum of squared errors, after one step of least squares.
func quantizeBlock4(codes []int8, v []float32) (scale float32) {
	var most, sum float32 // most with its sign
	for _, x := range v {
		if x > most && x > -most || -x > most && -x > -most {
			most = x
		}
		sum += x * x
	}
	var try [block4]int8
	least := float32(math.Inf(1))
	for _, steps := range [...]float32{-8.2, -7} {
		s := asBF16(most / steps)
		for range 2 {
			if s > -smallest && s < smallest {
				break
			}
			vq, qq := quantize(try[:len(v)], v, s, -8, 7)
			if e := sum - 2*s*vq + s*s*qq; e < least {
				least, scale = e, s
				copy(codes, try[:len(v)])
			}
			s = asBF16(vq / qq)
		}
	}
	if scale == 0 {
		clear(codes)
	}
	return scale
}

// smallest is a normal number whose reciprocal is one too.
const smallest = 0x1p-126

// quantize writes the integers next to v/scale, from low to most;
// vq and qq are the sums of their products with v and with themselves.
func quantize(codes []int8, v []float32, scale float32, low, most int32) (vq, qq float32) {
	const magic = 3 << 22 // what is added to it is rounded to an integer
	inverse := 1 / scale
	var squares int32
	for i, x := range v {
		q := int32(math.Float32bits(x*inverse+magic)) - int32(math.Float32bits(magic))
		q = max(low, min(most, q))
		codes[i] = int8(q)
		vq += x * float32(q)
		squares += q * q
	}
	return vq, float32(squares)
}

// largest is the largest magnitude in v.
func largest(v []float32) (most float32) {
	for _, x := range v {
		if x < 0 {
			x = -x
		}
		if x > most {
			most = x
		}
	}
	return most
}

func asBF16(v float32) float32 { return math.Float32frombits(uint32(bfloat16(v)) << 16) }
