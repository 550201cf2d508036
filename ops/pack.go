package ops

import (
	"fmt"
	"math"
	goruntime "runtime"
	"sync"

	"github.com/vkdual/vkdual/runtime"
	"golang.org/x/sync/errgroup"
)

// Rows yields a row of a stored matrix as float32. It may be called from
// several goroutines.
type Rows func(row int, dst []float32) error

// A Matrix is the weight [Out,In] of a linear layer, packed for the kernels,
// with its bias [Out] or none.
//
// The layouts are those of shaders/README.md: kn32, panels of 32 outputs,
// [⌈Out/32⌉, In, 32], zeros past the last output, or for Q8 and Q4 panels of
// words that begin with scales.
type Matrix struct {
	Out, In int
	dtype   runtime.DType
	weight  runtime.Tensor // U32 for Q8 and Q4: [panels, words]
	bias    runtime.Tensor
}

// A Table is an embedding table [Rows,Width].
type Table struct {
	Rows, Width int
	dtype       runtime.DType
	rows        runtime.Tensor // U32 for Q8: [Rows, 1 + ⌈Width/4⌉]
}

// Valid reports whether t is a table, not the zero value.
func (t Table) Valid() bool { return t.rows.Valid() }

// panel is the number of outputs that lie side by side in a packed weight.
const panel = 32

// A Packer brings weights to an arena, row by row from where they are stored,
// so that no second copy is ever on the heap.
type Packer struct {
	Arena *runtime.Arena
	DType runtime.DType // of matrices and tables: F32, F16, BF16, Q8 or Q4, where tables are Q8
}

// Matrix packs a linear layer's weight [out,in] and bias [out] (nil: none).
func (p Packer) Matrix(name string, out, in int, rows Rows, bias []float32) (Matrix, error) {
	m := Matrix{Out: out, In: in, dtype: p.DType}
	var err error
	if quantized(p.DType) {
		m.weight, err = p.Arena.Alloc(name, runtime.U32, ceil(out, panel), panelWords(p.DType, in))
	} else {
		m.weight, err = p.Arena.Alloc(name, p.DType, ceil(out, panel), in, panel)
	}
	if err != nil {
		return Matrix{}, err
	}
	blocks := sync.Pool{New: func() any { return &block{make([]float32, panel*in), nil} }}
	err = p.Arena.WriteRows(m.weight, m.weight.Dim(0), func(first int, dst []byte) error {
		size := int(m.weight.Bytes()) / m.weight.Dim(0)
		return parallel(len(dst)/size, func(i int) error {
			b := blocks.Get().(*block)
			defer blocks.Put(b)
			return p.panel(dst[i*size:][:size], b, (first+i)*panel, out, in, rows)
		})
	})
	if err != nil {
		return Matrix{}, fmt.Errorf("ops: pack %q: %w", name, err)
	}
	if bias != nil {
		if len(bias) != out {
			return Matrix{}, fmt.Errorf("ops: pack %q: bias has %d elements, want %d", name, len(bias), out)
		}
		m.bias, err = p.Vector(name+" bias", bias)
	}
	return m, err
}

// A block is the rows of a panel [32,in], as stored and in the packed type.
type block struct {
	rows   []float32
	halves []uint16 // nil until wanted
}

// panel fills dst, one panel, with the outputs from first on.
func (p Packer) panel(dst []byte, b *block, first, out, in int, rows Rows) error {
	n := min(panel, out-first)
	for i := range n {
		if err := rows(first+i, b.rows[i*in:][:in]); err != nil {
			return err
		}
	}
	if err := p.fits(b.rows[:n*in]); err != nil {
		return err
	}
	clear(b.rows[n*in:])
	switch p.DType {
	case runtime.F32:
		transpose(runtime.F32s(dst), b.rows, in)
		return nil
	case runtime.Q8:
		packPanel8(runtime.U32s(dst), b.rows, in)
		return nil
	case runtime.Q4:
		packPanel4(runtime.U32s(dst), b.rows, in)
		return nil
	}
	if b.halves == nil {
		b.halves = make([]uint16, len(b.rows))
	}
	narrow(b.halves, p.DType, b.rows)
	transpose(runtime.U16s(dst), b.halves, in)
	return nil
}

// transpose writes the rows of src [32,in] as the columns of dst [in,32], in
// tiles whose lines stay in the first cache.
func transpose[T float32 | uint16](dst, src []T, in int) {
	const deep, wide = 16, 4
	for from := 0; from < in; from += deep {
		n := min(deep, in-from)
		for i := 0; i < panel; i += wide {
			a, b := src[i*in+from:][:n], src[(i+1)*in+from:][:n]
			c, d := src[(i+2)*in+from:][:n], src[(i+3)*in+from:][:n]
			to := dst[from*panel+i:]
			for k, v := range a {
				line := to[k*panel:][:wide]
				line[0], line[1], line[2], line[3] = v, b[k], c[k], d[k]
			}
		}
	}
}

// Vector brings v to the arena as f32.
func (p Packer) Vector(name string, v []float32) (runtime.Tensor, error) {
	t, err := p.Arena.Alloc(name, runtime.F32, len(v))
	if err != nil {
		return t, err
	}
	return t, p.Arena.WriteRows(t, len(v), func(first int, dst []byte) error {
		copy(runtime.F32s(dst), v[first:])
		return nil
	})
}

// Table brings an embedding table [rows,cols] to the arena.
func (p Packer) Table(name string, rows, cols int, fill Rows) (Table, error) {
	t := Table{Rows: rows, Width: cols, dtype: p.DType}
	var err error
	if quantized(p.DType) {
		t.dtype = runtime.Q8
		t.rows, err = p.Arena.Alloc(name, runtime.U32, rows, 1+ceil(cols, 4))
	} else {
		t.rows, err = p.Arena.Alloc(name, p.DType, rows, cols)
	}
	if err != nil {
		return Table{}, err
	}
	per, size := rows, t.rows.Dim(1)*t.rows.DType().Size()
	if t.rows.Bytes()%uint64(rows) != 0 {
		per = 1 // an odd number of halves, padded at the end
	}
	err = p.Arena.WriteRows(t.rows, per, func(first int, dst []byte) error {
		const strip = 64
		n := min(len(dst)/size, rows)
		return parallel(ceil(n, strip), func(s int) error {
			row := make([]float32, cols)
			for i := s * strip; i < min((s+1)*strip, n); i++ {
				to := dst[i*size:][:size]
				if t.dtype == runtime.F32 {
					row = runtime.F32s(to) // as it is stored
				}
				if err := fill(first+i, row); err != nil {
					return err
				}
				if err := p.fits(row); err != nil {
					return err
				}
				switch t.dtype {
				case runtime.F16, runtime.BF16:
					narrow(runtime.U16s(to), t.dtype, row)
				case runtime.Q8:
					packRow8(runtime.U32s(to), row)
				}
			}
			return nil
		})
	})
	if err != nil {
		return Table{}, fmt.Errorf("ops: pack %q: %w", name, err)
	}
	return t, nil
}

// Tokens brings the rows [rows,cols] to the arena as f32, for sums.
func (p Packer) Tokens(name string, rows, cols int, fill Rows) (runtime.Tensor, error) {
	p.DType = runtime.F32
	t, err := p.Table(name, rows, cols, fill)
	return t.rows, err
}

// fits reports a weight that the type cannot hold: it would become an infinity,
// and every number after it wrong.
func (p Packer) fits(v []float32) error {
	var most float32
	switch p.DType {
	case runtime.F16:
		most = 65504
	case runtime.BF16:
		most = (2 - 0x1p-7) * 0x1p127
	case runtime.Q8, runtime.Q4:
		most = 0x1p60 // squares of errors stay finite
	default:
		return nil
	}
	for _, x := range v {
		if x > most || x < -most || x != x && p.DType != runtime.BF16 { // integers know no NaN, nor do all kernels that widen f16
			return fmt.Errorf("a weight of %g does not fit into %v, whose largest number is %g: use f32", x, p.DType, most)
		}
	}
	return nil
}

// narrow rounds src to F16 or BF16.
func narrow(dst []uint16, t runtime.DType, src []float32) {
	if t == runtime.F16 {
		for i, v := range src {
			dst[i] = half(v)
		}
		return
	}
	for i, v := range src {
		dst[i] = bfloat16(v)
	}
}

// half is v rounded to f16, to nearest, ties to even; v is no larger than f16 holds.
func half(v float32) uint16 {
	b := math.Float32bits(v)
	sign, b := uint16(b>>16&0x8000), b&^(1<<31)
	if b < 0x38800000 { // below 2^-14: a sum with 0.5 has its last place at 2^-24, and rounds
		return sign | uint16(math.Float32bits(math.Float32frombits(b)+0.5)-0x3f000000)
	}
	return sign | uint16((b-112<<23+0xfff+b>>13&1)>>13)
}

// bfloat16 is v rounded to nearest, ties to even.
func bfloat16(v float32) uint16 {
	b := math.Float32bits(v)
	if v != v {
		return uint16(b>>16) | 0x40 // rounding up could end in an infinity
	}
	return uint16((b + 0x7fff + b>>16&1) >> 16)
}

// parallel calls f(0) … f(n-1) on all cores.
func parallel(n int, f func(i int) error) error {
	var g errgroup.Group
	g.SetLimit(goruntime.GOMAXPROCS(0))
	for i := range n {
		g.Go(func() error { return f(i) })
	}
	return g.Wait()
}
