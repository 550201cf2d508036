package ops

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/vkdual/vkdual/internal/tolerance"
	"github.com/vkdual/vkdual/ops/ref"
	"github.com/vkdual/vkdual/runtime"
)

// A trial is an operation on known inputs with its answer by package ref.
type trial struct {
	kernel string
	size   string
	record func(l *lab) runtime.Tensor
	want   func() []float64

	allowed float64 // of package tolerance, relative to the largest element; 0: Kernel
}

// A Result is the outcome of a trial.
type Result struct {
	Kernel, Size string
	Error        float64 // the largest, relative to the bound: 1 is the most that is allowed
	Err          error
}

// errNotTaken says that a kernel does not do a trial's shape.
var errNotTaken = errors.New("ops: the kernel does not take this shape")

// A lab is a program in the making with its inputs and weights.
type lab struct {
	r      *runtime.Recorder
	pack   Packer
	inputs []labInput
	err    error
}

type labInput struct {
	name string
	data []byte
}

// input is a tensor that holds v.
func (l *lab) input(v []float64, shape ...int) runtime.Tensor {
	name := fmt.Sprint("in", len(l.inputs))
	b := make([]byte, 4*len(v))
	copy(runtime.F32s(b), singles(v))
	l.inputs = append(l.inputs, labInput{name, b})
	return l.r.Input(name, runtime.F32, shape...)
}

// ids is a tensor of integers.
func (l *lab) ids(v []uint32, shape ...int) runtime.Tensor {
	name := fmt.Sprint("in", len(l.inputs))
	b := make([]byte, 4*len(v))
	copy(runtime.U32s(b), v)
	l.inputs = append(l.inputs, labInput{name, b})
	return l.r.Input(name, runtime.U32, shape...)
}

// vector is an arena's tensor that holds v.
func (l *lab) vector(v []float64) runtime.Tensor {
	t, err := l.pack.Vector("vector", singles(v))
	l.fail(err)
	return t
}

func (l *lab) fail(err error) {
	if l.err == nil {
		l.err = err
	}
}

// program builds the trial's program and writes its inputs.
func (t trial) program(d *runtime.Device) (p *runtime.Program, close func(), err error) {
	a := d.NewArena("trial")
	l := &lab{r: d.NewRecorder(t.kernel+" "+t.size, runtime.Unprofiled()), pack: Packer{Arena: a, DType: runtime.F32}}
	y := t.record(l)
	if l.err == nil {
		l.r.Output("y", y)
		p, l.err = l.r.Finish()
	}
	if l.err != nil {
		a.Close()
		return nil, nil, l.err
	}
	for _, in := range l.inputs {
		copy(p.Input(in.name), in.data)
	}
	return p, func() { p.Close(); a.Close() }, nil
}

// run runs the trial twice: the answers must be the same bits, and within
// what is allowed of the oracle's.
func (t trial) run(d *runtime.Device) (res Result) {
	res = Result{Kernel: t.kernel, Size: t.size, Error: math.Inf(1)}
	p, close, err := t.program(d)
	if err != nil {
		res.Err = err
		return res
	}
	defer close()
	want := t.want()
	var first []float32
	for range 2 {
		if res.Err = p.Run(context.Background()); res.Err != nil {
			return res
		}
		got := runtime.F32s(p.Output("y"))
		if len(got) != len(want) {
			panic(fmt.Sprintf("ops: trial %s %s: %d elements, the oracle has %d", t.kernel, t.size, len(got), len(want)))
		}
		if first == nil {
			first = slices.Clone(got)
			continue
		}
		for i := range got {
			if math.Float32bits(got[i]) != math.Float32bits(first[i]) {
				res.Err = fmt.Errorf("element %d was %g, then %g in a second run", i, first[i], got[i])
				return res
			}
		}
	}
	res.Error, res.Err = distance(first, want, cmp.Or(t.allowed, tolerance.Kernel))
	return res
}

// distance is the largest error in units of what is allowed. The
// allowance grows with the largest element, since what cancels out in a sum
// was as large as that.
func distance(got []float32, want []float64, allowed float64) (worst float64, err error) {
	scale := 0.0
	for _, w := range want {
		scale = max(scale, math.Abs(w))
	}
	at := 0
	for i, w := range want {
		e := math.Abs(float64(got[i])-w) / (allowed * (1e-6 + scale))
		if math.IsNaN(w) && math.IsNaN(float64(got[i])) {
			continue
		}
		if !(e <= worst) {
			worst, at = e, i
		}
	}
	if !(worst <= 1) {
		err = fmt.Errorf("element %d is %g, want %g", at, got[at], want[at])
	}
	return worst, err
}

// random are n numbers in [-1, 1) that f32 holds exactly.
func random(seed uint64, n int) []float64 {
	rnd := rand.New(rand.NewPCG(seed, 1))
	v := make([]float64, n)
	for i := range v {
		v[i] = float64(float32(2*rnd.Float64() - 1))
	}
	return v
}

// nearIntegers are v [rows,width] with each block of a row moved so near to what
// Q8 holds of it that no rounding error of f32 decides to which integer a number goes.
func nearIntegers(v []float64, width int) []float64 {
	near := ref.RoundBlocks8(v, width)
	for i := range v {
		near[i] += 0.8 * (v[i] - near[i])
	}
	return rounded(near)
}

// whole are small integers in v's place, with one of 127 in each block of a row,
// whose scale is then 1.
func whole(v []float64, width, block int) []float64 {
	w := make([]float64, len(v))
	for i := range v {
		w[i] = math.Round(4 * v[i])
		row, at := i/width, i%width
		if last := min(block, width-at/block*block); at%block == (5*row+at/block)%last {
			w[i] = 127
		}
	}
	return w
}

// rounded are v as f32 holds them.
func rounded(v []float64) []float64 {
	w := make([]float64, len(v))
	for i := range v {
		w[i] = float64(float32(v[i]))
	}
	return w
}

func singles(v []float64) []float32 {
	if v == nil {
		return nil
	}
	s := make([]float32, len(v))
	for i := range v {
		s[i] = float32(v[i])
	}
	return s
}

// held are v as a tensor of that type holds them.
func held(v []float64, t runtime.DType) []float64 {
	switch t {
	case runtime.F16:
		return ref.RoundF16(v)
	case runtime.BF16:
		return ref.RoundBF16(v)
	}
	return rounded(v)
}

// heldRows are the rows of v as a matrix or a table of that type holds them.
func heldRows(v []float64, width int, t runtime.DType) []float64 {
	if !quantized(t) {
		return held(v, t)
	}
	var w []float64
	for row := range slices.Chunk(singles(v), width) {
		size, quantize := width, quantizeRow8
		if t == runtime.Q4 {
			size, quantize = block4, quantizeBlock4
		}
		for some := range slices.Chunk(row, size) {
			codes := make([]int8, len(some))
			scale := quantize(codes, some)
			for _, q := range codes {
				w = append(w, float64(q)*float64(scale))
			}
		}
	}
	return w
}
