package ops

import (
	"fmt"

	"github.com/vkdual/vkdual/ops/ref"
	"github.com/vkdual/vkdual/runtime"
	"github.com/vkdual/vkdual/vk"
)

// linearTrial is x [m,k] times random weights [n,k] by one kernel.
type linearTrial struct {
	m, k, n        int
	bias, residual bool
	act            string
	dtype, compute runtime.DType // of the weights, and what x may be rounded to: it is made of such numbers, or, of Q8, near them
	whole          bool          // x and the weights are integers, so that all sums are exact
}

// linearTrials are what linear kernels are held against: sizes on, below and
// above its tiles, then odd and prime ones for the kernels that take them.
func linearTrials() []sample[*linear] {
	var ts []sample[*linear]
	for _, t := range []linearTrial{
		{m: 19, k: 40, n: 72, bias: true, residual: true, act: "gelu"},
		{m: 16, k: 64, n: 64},
		{m: 1, k: 8, n: 4, bias: true},
		{m: 33, k: 96, n: 132, act: "quick_gelu", residual: true},
		{m: 65, k: 128, n: 192, bias: true, act: "tanh"},
		{m: 130, k: 24, n: 68, bias: true, residual: true},
		{m: 1, k: 1, n: 1},
		{m: 37, k: 41, n: 67, bias: true, act: "gelu", residual: true},
		{m: 5, k: 131, n: 3, residual: true},
		{m: 67, k: 17, n: 129, bias: true, act: "relu"},
		{m: 3, k: 2051, n: 65, bias: true},
		{m: 35, k: 4304, n: 68, bias: true, residual: true}, // sums over two ranges there
		{m: 18, k: 588, n: 40, bias: true},
		{m: 90, k: 3072, n: 72, bias: true, residual: true}, // several ranges where texel buffers are small
	} {
		for _, t.dtype = range []runtime.DType{runtime.F32, runtime.F16, runtime.BF16, runtime.Q8, runtime.Q4} {
			if t.compute = runtime.F32; t.dtype == runtime.F16 {
				t.compute = runtime.F16
			}
			ts = append(ts, t)
		}
	}
	return append(ts, dotEdges()...)
}

// dotEdges are for kernels that round inputs to Q8: sizes on and about their
// tiles, steps of 64 k, blocks of 32 and words of 4.
func dotEdges() (ts []sample[*linear]) {
	for _, t := range []linearTrial{
		{m: 67, k: 201, n: 129, bias: true, act: "gelu", residual: true},
		{m: 131, k: 64, n: 68, bias: true, residual: true, whole: true},
		{m: 37, k: 131, n: 67, whole: true},
		{m: 1, k: 1, n: 1, bias: true, act: "gelu", residual: true},
		{m: 5, k: 2051, n: 131},
	} {
		t.dtype, t.compute = runtime.Q8, runtime.Q8
		ts = append(ts, t)
	}
	return ts
}

// linearEdges are the sizes for spare kernels, all with one epilogue.
func linearEdges() []sample[*linear] {
	var ts []sample[*linear]
	for _, t := range []linearTrial{
		{m: 130, k: 100, n: 132, dtype: runtime.F32},
		{m: 67, k: 100, n: 129, dtype: runtime.F16, compute: runtime.F16},
		{m: 37, k: 41, n: 67, dtype: runtime.F16, compute: runtime.F16},
		{m: 7, k: 100, n: 132, dtype: runtime.F32},
		{m: 5, k: 2051, n: 65, dtype: runtime.BF16},
		{m: 1, k: 1, n: 1, dtype: runtime.BF16},
		{m: 67, k: 41, n: 129, dtype: runtime.Q8},
		{m: 7, k: 100, n: 65, dtype: runtime.Q4},
	} {
		t.bias, t.act, t.residual = true, "gelu", true
		ts = append(ts, t)
	}
	return append(ts, dotEdges()...)
}

func (t linearTrial) String() string {
	size := fmt.Sprintf("%d×%d×%d %v", t.m, t.k, t.n, types(t.dtype, t.compute))
	for _, s := range []struct {
		on   bool
		name string
	}{{t.bias, "bias"}, {t.act != "", t.act}, {t.residual, "residual"}, {t.whole, "whole"}} {
		if s.on {
			size += " " + s.name
		}
	}
	return size
}

func (t linearTrial) of(k kernel[*linear]) trial {
	x, w := random(1, t.m*t.k), random(2, t.n*t.k)
	switch {
	case t.whole:
		x, w = whole(x, t.k, block8), whole(w, t.k, t.k)
	case t.compute == runtime.Q8:
		x = nearIntegers(x, t.k)
	default:
		x = held(x, t.compute)
	}
	return t.on(k, x, w)
}

// on is the trial on that x and those weights.
func (t linearTrial) on(k kernel[*linear], x, w []float64) trial {
	var bias, residual []float64
	if t.bias {
		bias = random(3, t.n)
	}
	if t.residual {
		residual = random(4, t.m*t.n)
	}
	return trial{
		kernel: k.name, size: t.String(),
		record: func(l *lab) runtime.Tensor {
			op := &linear{gpu: onGPU(l.r), compute: t.compute, x: l.input(x, t.m, t.k), w: l.matrix(t.dtype, t.n, t.k, w, bias), y: l.r.Temp(runtime.F32, t.m, t.n)}
			if t.act != "" {
				op.act = activations[t.act]
			}
			if t.residual {
				op.residual = l.input(residual, t.m, t.n)
			}
			if k.takes != nil && !k.takes(l.r.Device(), op) {
				l.fail(errNotTaken)
				return runtime.Tensor{}
			}
			k.record(l.r, op)
			return op.y
		},
		want: func() []float64 {
			x := x
			if k.rounds {
				x = ref.RoundBlocks8(x, t.k)
			}
			y := ref.Linear(x, heldRows(w, t.k, t.dtype), bias, t.m, t.k, t.n)
			for i := range y {
				if t.act != "" {
					y[i] = ref.Activations[t.act](y[i])
				}
				if t.residual {
					y[i] += residual[i]
				}
			}
			return y
		},
	}
}

// matrix packs w [out,in].
func (l *lab) matrix(t runtime.DType, out, in int, w, bias []float64) Matrix {
	p := l.pack
	p.DType = t
	m, err := p.Matrix("w", out, in, func(row int, dst []float32) error {
		copy(dst, singles(w[row*in:(row+1)*in]))
		return nil
	}, singles(bias))
	l.fail(err)
	return m
}

// fewRows is the number of rows up to which kernels are timed on one row of a
// kind: a text's token, a picture's class.
const fewRows = 8

// crowd is the number of rows from which on every GPU has work enough with large
// tiles of a base-size layer; a CPU takes one tile after the other in any case.
const crowd = 512

func (l *linear) class() string {
	rows := "more rows"
	switch {
	case l.rows() <= fewRows:
		rows = fmt.Sprintf("up to %d rows", fewRows)
	case l.gpu && l.rows() < crowd:
		rows = fmt.Sprintf("below %d rows", crowd)
	}
	if l.w.In%8 != 0 || l.w.Out%4 != 0 { // which not every kernel takes: their times are not those of the others
		rows += ", odd sizes"
	}
	return fmt.Sprintf("%v, %s", types(l.w.dtype, l.compute), rows)
}

// types names the types of weights and of the computation, where they decide
// which kernels may be used.
func types(weights, compute runtime.DType) string {
	if weights == compute && (weights == runtime.F16 || weights == runtime.Q8) {
		return fmt.Sprintf("%v by %v", weights, compute)
	}
	return weights.String()
}

// linearsAlike are layers with l's specialization constants: known answers, and
// a layer of a base-size model over a token or over a picture.
func linearsAlike(d *runtime.Device, l *linear) (answers, work []sample[*linear]) {
	t := linearTrial{bias: l.w.bias.Valid(), residual: l.residual.Valid(), dtype: l.w.dtype, compute: l.compute}
	if l.act != Identity {
		t.act = l.act.String()
	}
	few := l.rows() <= fewRows
	sizes := [][3]int{{19, 40, 72}, {16, 64, 64}, {37, 41, 67}}
	if odd := l.w.In%4 != 0; odd || l.w.Out%4 != 0 { // that of its kind first
		first := [3]int{19, 40, 67}
		if odd {
			first = [3]int{19, 41, 72}
			if l.w.Out%4 != 0 {
				first[2] = 67
			}
		}
		sizes = append([][3]int{first}, sizes...)
	}
	for _, size := range sizes {
		t.m, t.k, t.n = size[0], size[1], size[2]
		if few {
			t.m = t.m%fewRows + 1
		}
		answers = append(answers, t)
	}
	t.m, t.k, t.n = 768, 768, 768
	switch {
	case few:
		t.m = 4
	case l.gpu && l.rows() < crowd:
		t.m = 197
	case d.Info().Type == vk.CPU:
		t.m = 96
	}
	return answers, append(work, t)
}
