package simd_test

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/vkdual/vkdual/dualencoder/imageprocessor/pillow/simd"
)

// each runs a test with every copy of the kernels that this machine can run,
// on sizes around the vectors' lengths.
func each(t *testing.T, run func(t *testing.T, k simd.Kernels, r *rand.Rand, n int)) {
	for name, k := range map[string]simd.Kernels{"plain": {}, "best": simd.Best()} {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(3, 5))
			for n := 1; n < 150; n++ {
				run(t, k, r, n)
			}
			run(t, k, r, 4099)
		})
	}
}

func noise(r *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		switch r.IntN(8) {
		case 0:
			b[i] = 255
		case 1:
		default:
			b[i] = byte(r.Uint32())
		}
	}
	return b
}

// guarded makes room for n bytes, and tells later whether those behind them
// were written to.
func guarded(n int) (b []byte, intact func() bool) {
	whole := bytes.Repeat([]byte{0xa5}, n+64)
	return whole[:n:n], func() bool { return bytes.Count(whole[n:], []byte{0xa5}) == 64 }
}

func same(t *testing.T, what string, n int, got, want []byte, intact func() bool) {
	t.Helper()
	if !bytes.Equal(got, want) {
		t.Fatalf("%s of %d: differs", what, n)
	}
	if !intact() {
		t.Fatalf("%s of %d: wrote past its end", what, n)
	}
}

func TestInverse(t *testing.T) {
	each(t, func(t *testing.T, k simd.Kernels, r *rand.Rand, n int) {
		blocks := 1 + n%37
		c := make([]int16, 64*blocks)
		var quant [64]int32
		for i := range quant {
			quant[i] = 1 + r.Int32N(60)
		}
		if n%10 == 0 {
			quant[r.IntN(64)] = 65535
		}
		for b := range blocks {
			for range []int{0, 1, 2, 5, 64, 200}[r.IntN(6)] {
				c[64*b+r.IntN(64)] = int16(r.IntN(401) - 200)
			}
			if r.IntN(3) == 0 {
				c[64*b] = int16(r.IntN(4001) - 2000)
			}
			if n%7 == 0 && r.IntN(4) == 0 { // broken data: sums wrap
				c[64*b+r.IntN(64)] = int16(r.Uint32())
			}
		}
		stride := 8*blocks + r.IntN(9)
		got, intact := guarded(8*stride - (stride - 8*blocks))
		want := bytes.Clone(got)
		k.Inverse(got, stride, c, &quant)
		for b := range blocks {
			inverse(want[8*b:], stride, (*[64]int16)(c[64*b:]), &quant)
		}
		same(t, "Inverse", blocks, got, want, intact)
	})
}

func TestDouble(t *testing.T) {
	each(t, func(t *testing.T, k simd.Kernels, r *rand.Rand, n int) {
		near, far := noise(r, n), noise(r, n)
		for _, far := range [][]byte{far, nil} {
			got, intact := guarded(2 * n)
			want := make([]byte, 2*n)
			k.Double(got, near, far, make([]uint16, n+2))
			double(want, near, far)
			same(t, "Double", n, got, want, intact)
		}
	})
}

func TestYCC(t *testing.T) {
	each(t, func(t *testing.T, k simd.Kernels, r *rand.Rand, n int) {
		y, cb, cr := noise(r, n), noise(r, n), noise(r, n)
		pix, intact := guarded(3*n + 10)
		got := simd.Planes{Pix: pix, Stride: n + 5}
		k.YCC(got, y, cb, cr)
		for x := range n {
			r, g, b := ycc(y[x], cb[x], cr[x])
			if p := [3]byte{got.Row(0, n)[x], got.Row(1, n)[x], got.Row(2, n)[x]}; p != [3]byte{r, g, b} {
				t.Fatalf("YCC(%d, %d, %d) is %v, want %v", y[x], cb[x], cr[x], p, [3]byte{r, g, b})
			}
		}
		if !intact() {
			t.Fatal("YCC wrote past its end")
		}
	})
}

// TestYCCAll: every pair of colour differences, at three levels of brightness.
func TestYCCAll(t *testing.T) {
	const n = 256
	line := simd.NewPlanes(n, 0)
	y, cb, cr := make([]byte, n), make([]byte, n), make([]byte, n)
	for _, level := range []byte{0, 127, 255} {
		for u := range n {
			for v := range n {
				y[v], cb[v], cr[v] = level, byte(u), byte(v)
			}
			simd.Best().YCC(line, y, cb, cr)
			for v := range n {
				r, g, b := ycc(level, byte(u), byte(v))
				if line.Row(0, n)[v] != r || line.Row(1, n)[v] != g || line.Row(2, n)[v] != b {
					t.Fatalf("YCC(%d, %d, %d)", level, u, v)
				}
			}
		}
	}
}

func TestSplitJoin(t *testing.T) {
	each(t, func(t *testing.T, k simd.Kernels, r *rand.Rand, n int) {
		src := noise(r, 3*n)
		pix, intact := guarded(3*n + 4)
		planes := simd.Planes{Pix: pix, Stride: n + 2}
		k.Split(planes, src)
		for i, v := range src {
			if planes.Pix[i%3*planes.Stride+i/3] != v {
				t.Fatalf("Split of %d: sample %d", n, i)
			}
		}
		if !intact() {
			t.Fatal("Split wrote past its end")
		}
		back, intact := guarded(3 * n)
		k.Join(back, planes)
		same(t, "Join", n, back, src, intact)
	})
}

func TestColumns(t *testing.T) {
	each(t, func(t *testing.T, k simd.Kernels, r *rand.Rand, n int) {
		size := simd.Lanes * (1 + r.IntN(7))
		src := simd.NewPlanes(n, size)
		copy(src.Pix, noise(r, len(src.Pix)))
		out := 1 + r.IntN(40)
		first, weights := make([]int32, out), make([]int32, out*size)
		for i := range first {
			first[i] = r.Int32N(int32(n) + 1)
		}
		for i := range weights {
			weights[i] = r.Int32N(1<<19) - 1<<17
		}
		taps := simd.NewTaps(size, first, weights)
		pix, intact := guarded(3 * out)
		k.Columns(simd.Planes{Pix: pix, Stride: out}, src, &taps, make([]int16, len(src.Pix)))
		same(t, "Columns", n, pix, columns(src, &taps), intact)
	})
}

func TestAdd(t *testing.T) {
	each(t, func(t *testing.T, k simd.Kernels, r *rand.Rand, n int) {
		row := simd.NewPlanes(n, r.IntN(5))
		copy(row.Pix, noise(r, len(row.Pix)))
		got := make([]int32, 3*n)
		for i := range got {
			got[i] = int32(r.Uint32() >> 8)
		}
		want, w := slices.Clone(got), r.Int32N(1<<22)-1<<20
		for c := range 3 {
			for i, v := range row.Row(c, n) {
				want[c*n+i] += int32(v) * w
			}
		}
		if k.Add(got, row, w); !slices.Equal(got, want) {
			t.Fatalf("Add of %d: differs", n)
		}
	})
}

// TestSizes: what is too short panics and is not read or written.
func TestSizes(t *testing.T) {
	k := simd.Best()
	b := func(n int) []byte { return make([]byte, n) }
	planes := simd.NewPlanes(10, 0)
	short := simd.Planes{Pix: b(25), Stride: 10}
	taps := simd.NewTaps(8, []int32{3}, make([]int32, 8))
	for name, f := range map[string]func(){
		"Inverse: samples":   func() { k.Inverse(b(8*16-1), 16, make([]int16, 128), new([64]int32)) },
		"Inverse: stride":    func() { k.Inverse(b(1000), 15, make([]int16, 128), new([64]int32)) },
		"Double: samples":    func() { k.Double(b(19), b(10), nil, make([]uint16, 12)) },
		"Double: far":        func() { k.Double(b(20), b(10), b(9), make([]uint16, 12)) },
		"Double: scratch":    func() { k.Double(b(20), b(10), nil, make([]uint16, 11)) },
		"YCC: difference":    func() { k.YCC(planes, b(10), b(10), b(9)) },
		"YCC: planes":        func() { k.YCC(short, b(10), b(10), b(10)) },
		"YCC: stride":        func() { k.YCC(planes, b(11), b(11), b(11)) },
		"Split: planes":      func() { k.Split(short, b(30)) },
		"Join: planes":       func() { k.Join(b(30), short) },
		"Columns: reach":     func() { k.Columns(planes, planes, &taps, make([]int16, 30)) },
		"Columns: scratch":   func() { k.Columns(planes, simd.NewPlanes(10, 8), &taps, make([]int16, 53)) },
		"Add: planes":        func() { k.Add(make([]int32, 30), short, 1) },
		"NewTaps: size":      func() { simd.NewTaps(7, []int32{3}, make([]int32, 7)) },
		"NewTaps: weights":   func() { simd.NewTaps(8, []int32{3, 4}, make([]int32, 8)) },
		"NewTaps: beginning": func() { simd.NewTaps(8, []int32{-1}, make([]int32, 8)) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
}
