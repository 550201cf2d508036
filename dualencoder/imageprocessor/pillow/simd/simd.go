// Package simd holds the loops over samples that take most of a picture's
// time, in C with vector types, so that any GCC or Clang makes the target's
// vector instructions of them; on x86-64 a second copy for AVX2 is chosen where
// the processor has it. Every function gives the same bits everywhere; the
// tests hold both copies against plain Go.
//
// Sizes are checked here: a call whose slices are too short panics, and C
// reads and writes nowhere else. Planes are rows of three planes, stride apart.
package simd

// #cgo CFLAGS: -O3
// #cgo noescape vkdual_inverse
// #cgo nocallback vkdual_inverse
// #cgo noescape vkdual_double
// #cgo nocallback vkdual_double
// #cgo noescape vkdual_ycc
// #cgo nocallback vkdual_ycc
// #cgo noescape vkdual_split
// #cgo nocallback vkdual_split
// #cgo noescape vkdual_join
// #cgo nocallback vkdual_join
// #cgo noescape vkdual_columns
// #cgo nocallback vkdual_columns
// #cgo noescape vkdual_add
// #cgo nocallback vkdual_add
// #include "kernels.h"
import "C"

import "fmt"

// Kernels chooses between the copies. The zero value is the one that runs on
// every processor of the target.
type Kernels struct{ wide C.int }

// Best is the fastest copy that this processor can run.
func Best() Kernels { return Kernels{C.vkdual_wide()} }

// Lanes is the number of weights that Columns takes at a time.
const Lanes = 8

// Planes are rows of red, green and blue samples, each Stride after the last.
type Planes struct {
	Pix    []byte // 3 × Stride
	Stride int
}

// NewPlanes makes rows of n samples, with room behind them for what Columns
// reads without using it.
func NewPlanes(n, room int) Planes {
	return Planes{make([]byte, 3*(n+room)), n + room}
}

// Row returns n samples of plane c.
func (p Planes) Row(c, n int) []byte { return p.Pix[c*p.Stride : c*p.Stride+n] }

func need(what string, have, want int) {
	if have < want {
		panic(fmt.Sprintf("simd: %s: %d, want %d or more", what, have, want))
	}
}

// Inverse dequantises and transforms blocks of 64 coefficients, in row-major
// order, as libjpeg's accurate integer method does, and writes them side by
// side into 8 rows of dst, which are stride apart.
func (k Kernels) Inverse(dst []byte, stride int, coefficients []int16, quant *[64]int32) {
	blocks := len(coefficients) / 64
	if blocks == 0 {
		return
	}
	need("Inverse: stride", stride, 8*blocks)
	need("Inverse: samples", len(dst), 7*stride+8*blocks)
	C.vkdual_inverse(k.wide, u8(dst), C.ptrdiff_t(stride), i16(coefficients), i32(quant[:]), C.ptrdiff_t(blocks))
}

// Double doubles a row with libjpeg's triangle filter: 3/4 of the nearer
// sample, 1/4 of the further, rounded up and down in turn. With far, the
// nearest row above or below, it first does the same between the rows; else
// far is nil. dst gets 2*len(near) samples; sums is scratch of len(near)+2.
func (k Kernels) Double(dst, near, far []byte, sums []uint16) {
	n := len(near)
	if n == 0 {
		return
	}
	vertical := C.int(1)
	if far == nil {
		far, vertical = near, 0
	}
	need("Double: the far row", len(far), n)
	need("Double: samples", len(dst), 2*n)
	need("Double: scratch", len(sums), n+2)
	C.vkdual_double(k.wide, u8(dst), u8(near), u8(far), (*C.uint16_t)(&sums[0]), C.ptrdiff_t(n), vertical)
}

// YCC converts a row from YCbCr (JFIF, full range) in libjpeg's fixed point.
func (k Kernels) YCC(dst Planes, y, cb, cr []byte) {
	n := len(y)
	if n == 0 {
		return
	}
	need("YCC: blue-difference samples", len(cb), n)
	need("YCC: red-difference samples", len(cr), n)
	dst.need("YCC", n)
	C.vkdual_ycc(k.wide, u8(dst.Pix), C.ptrdiff_t(dst.Stride), u8(y), u8(cb), u8(cr), C.ptrdiff_t(n))
}

func (p Planes) need(what string, n int) {
	need(what+": stride", p.Stride, n)
	need(what+": planes", len(p.Pix), 2*p.Stride+n)
}

// Split takes a row of RGB pixels apart.
func (k Kernels) Split(dst Planes, src []byte) {
	n := len(src) / 3
	if n == 0 {
		return
	}
	dst.need("Split", n)
	C.vkdual_split(k.wide, u8(dst.Pix), C.ptrdiff_t(dst.Stride), u8(src), C.ptrdiff_t(n))
}

// Join puts a row of RGB pixels together.
func (k Kernels) Join(dst []byte, src Planes) {
	n := len(dst) / 3
	if n == 0 {
		return
	}
	src.need("Join", n)
	C.vkdual_join(k.wide, u8(dst), u8(src.Pix), C.ptrdiff_t(src.Stride), C.ptrdiff_t(n))
}

// Taps are weights with 22 fractional bits: output i is the sum of Size samples
// from First[i] on times the weights from i*Size on, rounded and clipped.
type Taps struct {
	Size    int // a multiple of Lanes
	First   []int32
	Weights []int32
	reach   int // the end of the furthest sample
}

// NewTaps checks the sizes once.
func NewTaps(size int, first, weights []int32) Taps {
	t := Taps{Size: size, First: first, Weights: weights}
	if size < Lanes || size%Lanes != 0 || len(weights) != size*len(first) {
		panic(fmt.Sprintf("simd: %d weights for %d times %d", len(weights), len(first), size))
	}
	for _, f := range first {
		if f < 0 {
			panic(fmt.Sprintf("simd: taps begin at %d", f))
		}
		t.reach = max(t.reach, int(f)+size)
	}
	return t
}

// Columns sums along the rows of src. wide is scratch of len(src.Pix).
func (k Kernels) Columns(dst, src Planes, t *Taps, wide []int16) {
	n := len(t.First)
	if n == 0 {
		return
	}
	dst.need("Columns", n)
	need("Columns: source stride", src.Stride, t.reach)
	need("Columns: source", len(src.Pix), 3*src.Stride)
	need("Columns: scratch", len(wide), 3*src.Stride)
	C.vkdual_columns(k.wide, u8(dst.Pix), C.ptrdiff_t(dst.Stride), u8(src.Pix), C.ptrdiff_t(src.Stride),
		i16(wide), i32(t.First), i32(t.Weights), C.ptrdiff_t(t.Size), C.ptrdiff_t(n))
}

// Add adds weight times the rows to their sums, three times as many as each
// row has samples.
func (k Kernels) Add(sums []int32, row Planes, weight int32) {
	n := len(sums) / 3
	if n == 0 {
		return
	}
	row.need("Add", n)
	C.vkdual_add(k.wide, i32(sums), u8(row.Pix), C.ptrdiff_t(row.Stride), C.int32_t(weight), C.ptrdiff_t(n))
}

func u8(b []byte) *C.uint8_t   { return (*C.uint8_t)(&b[0]) }
func i16(v []int16) *C.int16_t { return (*C.int16_t)(&v[0]) }
func i32(v []int32) *C.int32_t { return (*C.int32_t)(&v[0]) }
