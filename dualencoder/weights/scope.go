package weights

import (
	"fmt"

	"github.com/vkdual/vkdual/ops"
	"github.com/vkdual/vkdual/runtime"
)

// A Scope is a Set seen from one module.
type Scope struct {
	set        *Set
	path, name string
	least      runtime.DType // 0: any
	checked    bool          // see Checked
}

// Sub enters a module; parts are joined by dots: Sub("encoder", "layer", 3).
func (s Scope) Sub(parts ...any) Scope {
	name := ""
	for i, p := range parts {
		if i > 0 {
			name += "."
		}
		name += fmt.Sprint(p)
	}
	s.path, s.name = s.full(name), name
	return s
}

// Name is the module's name as the last Sub gave it.
func (s Scope) Name() string { return s.name }

func (s Scope) full(name string) string {
	if s.path == "" {
		return name
	}
	return s.path + "." + name
}

// AtLeast is the scope with its matrices held in no coarser type than t, Q8 or
// F16, where the model's is Q8 or Q4. Of several the finest counts.
func (s Scope) AtLeast(t runtime.DType) Scope {
	if s.least != runtime.F16 {
		s.least = t
	}
	return s
}

// Checked is the scope of what is not to be run: its parameters must be there, in
// the right shapes, but none is packed.
func (s Scope) Checked() Scope {
	s.checked = true
	return s
}

// Linear is weight [out, in] with bias [out].
func (s Scope) Linear(out, in int) ops.Matrix { return s.Stack(out, in, true, "") }

// Projection is weight [out, in] without a bias, from one space into another.
func (s Scope) Projection(out, in int) ops.Matrix { return s.fine().Stack(out, in, false, "") }

// Zeros stands for a matrix of zeros in a Stack.
const Zeros = "0"

// Stack is the matrices of several sub-modules below one another, weight
// [out, in] each, so that one product serves all of them; "" is the module itself.
func (s Scope) Stack(out, in int, bias bool, names ...string) ops.Matrix {
	return s.stack([]int{out, in}, s.modules(bias, names))
}

// StackBut is a Stack with biases but for the sub-module without, whose outputs
// get none.
func (s Scope) StackBut(out, in int, without string, names ...string) ops.Matrix {
	parts := s.modules(true, names)
	for i, n := range names {
		if n == without {
			parts[i].bias = ""
		}
	}
	return s.stack([]int{out, in}, parts)
}

// Kernel is a convolution's weight [out, in…], bias [out], as the matrix
// [out, product of in] that multiplies flattened patches.
func (s Scope) Kernel(bias bool, out int, in ...int) ops.Matrix {
	return s.fine().stack(append([]int{out}, in...), s.modules(bias, []string{""}))
}

// Named is a matrix whose parameters are not called weight and bias.
func (s Scope) Named(out, in int, weight, bias string) ops.Matrix {
	return s.fine().stack([]int{out, in}, []part{{weight: s.full(weight), bias: s.full(bias)}})
}

// Groups are convolutions of kernel 1 below one another, weight [out, in/groups, 1]
// and bias [out] each, as one matrix: each convolution's outputs are in as many
// groups as are told, and see only the inputs of their own.
func (s Scope) Groups(out, in int, groups []int, names ...string) ops.Matrix {
	parts := s.modules(true, names)
	for i, g := range groups {
		parts[i].groups = g
	}
	return s.stack([]int{out, in}, parts)
}

// A part of a matrix is the full names of some of its rows and of their bias;
// "": 0.
type part struct {
	weight, bias string
	groups       int // of a convolution; 0: it is none
}

func (s Scope) modules(bias bool, names []string) []part {
	parts := make([]part, len(names))
	for i, n := range names {
		m := s
		switch n {
		case "":
		case Zeros:
			continue
		default:
			m = s.Sub(n)
		}
		parts[i].weight = m.full("weight")
		if bias {
			parts[i].bias = m.full("bias")
		}
	}
	return parts
}

func (s Scope) stack(shape []int, parts []part) ops.Matrix {
	out, in := shape[0], elements(shape[1:])
	rows := make([]Stored, len(parts))
	bias, biased, good := make([]float32, out*len(parts)), false, true
	name := ""
	for i, p := range parts {
		w, ok := s.set.rows(p, shape)
		rows[i], good = w, good && ok
		if name == "" {
			name = p.weight
		}
		if p.bias != "" {
			v, ok := s.set.read(p.bias, []int{out})
			copy(bias[i*out:], v)
			biased, good = true, good && ok
		}
	}
	if !good || s.checked {
		return ops.Matrix{}
	}
	if !biased {
		bias = nil
	}
	if len(parts) > 1 { // queries, keys and values
		s = s.fine()
	}
	pack := s.pack(out*len(parts), in)
	m, err := pack.Matrix(name, out*len(parts), in, fitting(pack.DType, func(row int, dst []float32) error {
		return rows[row/out].Read(row%out*in, dst)
	}), bias)
	s.set.fail(name, err)
	return m
}

// rows finds the weight of a part, as a matrix of the given shape.
func (s *Set) rows(p part, shape []int) (Stored, bool) {
	switch {
	case p.weight == "":
		return Stored{shape, func(_ int, dst []float32) error { clear(dst); return nil }}, true
	case p.groups == 0:
		return s.take(p.weight, shape)
	}
	out, in := shape[0], shape[1]
	few := in / p.groups
	w, ok := s.take(p.weight, []int{out, few, 1})
	return Stored{shape, func(first int, dst []float32) error {
		row := first / in
		clear(dst)
		return w.Read(row*few, dst[row/(out/p.groups)*few:][:few])
	}}, ok
}

// Vector is name [n], in f32.
func (s Scope) Vector(name string, n int) runtime.Tensor {
	v, ok := s.read(name, []int{n})
	if !ok || s.checked {
		return runtime.Tensor{}
	}
	t, err := s.set.pack.Vector(s.full(name), v)
	s.set.fail(s.full(name), err)
	return t
}

// Table is name [rows, cols], to be gathered from.
func (s Scope) Table(name string, rows, cols int) ops.Table {
	fill, ok := s.rows([]int{rows, cols}, []string{name})
	if !ok || s.checked {
		return ops.Table{}
	}
	pack := s.pack(rows, cols)
	t, err := pack.Table(s.full(name), rows, cols, fitting(pack.DType, fill))
	s.set.fail(s.full(name), err)
	return t
}

// Tokens is the rows of several tensors of one shape […, D] below one another,
// in f32, since they take part in sums: [n, D].
func (s Scope) Tokens(shape []int, names ...string) runtime.Tensor {
	fill, ok := s.rows(shape, names)
	if !ok || s.checked {
		return runtime.Tensor{}
	}
	cols := shape[len(shape)-1]
	name := s.full(names[0])
	t, err := s.set.pack.Tokens(name, elements(shape)/cols*len(names), cols, fill)
	s.set.fail(name, err)
	return t
}

// rows are those of several tensors of one shape […, D] below one another.
func (s Scope) rows(shape []int, names []string) (ops.Rows, bool) {
	cols := shape[len(shape)-1]
	each := elements(shape) / cols
	parts := make([]Stored, len(names))
	good := true
	for i, n := range names {
		t, ok := s.set.take(s.full(n), shape)
		parts[i], good = t, good && ok
	}
	return func(row int, dst []float32) error {
		return parts[row/each].Read(row%each*cols, dst)
	}, good
}

// Spare names what a checkpoint may hold that the class itself has no use for: it
// is neither read nor missed.
func (s Scope) Spare(names ...string) {
	for _, n := range names {
		s.set.used[s.full(n)] = true
	}
}

// Scalar is the one element of name, of that shape: () or (1).
func (s Scope) Scalar(name string, shape ...int) float32 {
	v, ok := s.read(name, shape)
	if !ok {
		return 0
	}
	return v[0]
}

func (s Scope) read(name string, shape []int) ([]float32, bool) {
	return s.set.read(s.full(name), shape)
}

// fitting refuses values that would become infinite in f16.
func fitting(t runtime.DType, rows ops.Rows) ops.Rows {
	if t != runtime.F16 {
		return rows
	}
	const most = 65504
	return func(row int, dst []float32) error {
		if err := rows(row, dst); err != nil {
			return err
		}
		for i, v := range dst {
			if v > most || v < -most {
				return fmt.Errorf("element [%d %d] is %v, f16 holds at most %d: load it as f32", row, i, v, most)
			}
		}
		return nil
	}
}

func elements(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}
