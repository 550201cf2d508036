package simd_test

import "github.com/vkdual/vkdual/dualencoder/imageprocessor/pillow/simd"

// The kernels once more in plain Go, one sample at a time: the oracles.

func descale(v int32, n uint) int32 { return (v + 1<<(n-1)) >> n }

func clip(v int32) byte { return byte(min(max(v, 0), 255)) }

// inverse is one block of Inverse: columns first, 2 fractional bits in between.
func inverse(dst []byte, stride int, block *[64]int16, quant *[64]int32) {
	var w [64]int32
	// Where there is no AC the sums of broken data must wrap as the short cut's do.
	flat := true
	for _, c := range block[1:] {
		flat = flat && c == 0
	}
	for x := range 8 {
		var v [8]int32
		for y := range v {
			v[y] = int32(block[8*y+x]) * quant[8*y+x]
		}
		if flat && x == 0 {
			for y := range 8 {
				for x := range 8 {
					dst[y*stride+x] = clip(descale(v[0]<<2, 5) + 128)
				}
			}
			return
		}
		for y, v := range inverse8(v) {
			w[8*y+x] = descale(v, 11)
		}
	}
	for y := range 8 {
		for x, v := range inverse8([8]int32(w[8*y:])) {
			dst[y*stride+x] = clip(descale(v, 18) + 128)
		}
	}
}

// inverse8 is Loeffler, Ligtenberg and Moschytz's transform of one row or
// column ("Practical fast 1-D DCT algorithms with 11 multiplications", 1989),
// scaled by 2^13.
func inverse8(x [8]int32) (out [8]int32) {
	// Even part: a rotation by 6π/16, then butterflies.
	z := (x[2] + x[6]) * 4433
	e2, e3 := z-x[6]*15137, z+x[2]*6270
	e0, e1 := (x[0]+x[4])<<13, (x[0]-x[4])<<13
	a0, a3, a1, a2 := e0+e3, e0-e3, e1+e2, e1-e2

	// Odd part.
	z1, z2, z3, z4 := x[7]+x[1], x[5]+x[3], x[7]+x[3], x[5]+x[1]
	z5 := (z3 + z4) * 9633
	z1, z2 = z1*-7373, z2*-20995
	z3, z4 = z3*-16069+z5, z4*-3196+z5
	o0 := x[7]*2446 + z1 + z3
	o1 := x[5]*16819 + z2 + z4
	o2 := x[3]*25172 + z2 + z3
	o3 := x[1]*12299 + z1 + z4

	out[0], out[7] = a0+o3, a0-o3
	out[1], out[6] = a1+o2, a1-o2
	out[2], out[5] = a2+o1, a2-o1
	out[3], out[4] = a3+o0, a3-o0
	return out
}

func double(dst, near, far []byte) {
	n := len(near)
	at := func(i int) int32 {
		i = min(max(i, 0), n-1)
		if far == nil {
			return int32(near[i])
		}
		return 3*int32(near[i]) + int32(far[i])
	}
	left, right, shift := int32(1), int32(2), uint(2)
	if far != nil {
		left, right, shift = 8, 7, 4
	}
	for i := range n {
		dst[2*i] = byte((3*at(i) + at(i-1) + left) >> shift)
		dst[2*i+1] = byte((3*at(i) + at(i+1) + right) >> shift)
	}
}

// ycc is libjpeg's conversion: 16 fractional bits, rounded before the sum for
// red and blue, after it for green.
func ycc(y, cb, cr byte) (r, g, b byte) {
	const half = 1 << 15
	l, u, v := int32(y), int32(cb)-128, int32(cr)-128
	return clip(l + (91881*v+half)>>16), clip(l + (-22554*u-46802*v+half)>>16), clip(l + (116130*u+half)>>16)
}

func columns(src simd.Planes, t *simd.Taps) []byte {
	var out []byte
	for c := range 3 {
		for i, first := range t.First {
			sum := int32(1 << 21)
			for k, w := range t.Weights[i*t.Size : (i+1)*t.Size] {
				sum += int32(src.Pix[c*src.Stride+int(first)+k]) * w
			}
			out = append(out, clip(sum>>22))
		}
	}
	return out
}
