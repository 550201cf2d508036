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
	return Scope{set: s.set, path: s.full(name), name: name}
}

// Name is the module's name as the last Sub gave it.
func (s Scope) Name() string { return s.name }

func (s Scope) full(name string) string {
	if s.path == "" {
		return name
	}
	return s.path + "." + name
}

// Linear is weight [out, in] with bias [out].
func (s Scope) Linear(out, in int) ops.Matrix { return s.Stack(out, in, true, "") }

// Projection is weight [out, in] without a bias.
func (s Scope) Projection(out, in int) ops.Matrix { return s.Stack(out, in, false, "") }

// Stack is the matrices of several sub-modules below one another, weight
// [out, in] each, so that one product serves all of them; "" is the module itself.
func (s Scope) Stack(out, in int, bias bool, names ...string) ops.Matrix {
	return s.stack([]int{out, in}, bias, names)
}

// Kernel is a convolution's weight [out, in…], bias [out], as the matrix
// [out, product of in] that multiplies flattened patches.
func (s Scope) Kernel(bias bool, out int, in ...int) ops.Matrix {
	return s.stack(append([]int{out}, in...), bias, []string{""})
}

func (s Scope) stack(shape []int, bias bool, names []string) ops.Matrix {
	out, in := shape[0], elements(shape[1:])
	parts := make([]Stored, len(names))
	var b []float32
	good := true
	for i, n := range names {
		m := s
		if n != "" {
			m = s.Sub(n)
		}
		w, ok := s.set.take(m.full("weight"), shape)
		parts[i], good = w, good && ok
		if bias {
			v, ok := m.read("bias", []int{out})
			b, good = append(b, v...), good && ok
		}
	}
	if !good {
		return ops.Matrix{}
	}
	name := s.full("weight")
	if names[0] != "" {
		name = s.full(names[0] + ".weight")
	}
	m, err := s.set.pack.Matrix(name, out*len(names), in, fitting(s.set.pack.DType, func(row int, dst []float32) error {
		return parts[row/out].Read(row%out*in, dst)
	}), b)
	s.set.fail(name, err)
	return m
}

// Vector is name [n], in f32.
func (s Scope) Vector(name string, n int) runtime.Tensor {
	v, ok := s.read(name, []int{n})
	if !ok {
		return runtime.Tensor{}
	}
	t, err := s.set.pack.Vector(s.full(name), v)
	s.set.fail(s.full(name), err)
	return t
}

// Table is name [rows, cols], to be gathered from.
func (s Scope) Table(name string, rows, cols int) runtime.Tensor {
	return s.rows(s.set.pack, []int{rows, cols}, []string{name})
}

// Tokens is the rows of several tensors of one shape […, D] below one another,
// in f32: [n, D].
func (s Scope) Tokens(shape []int, names ...string) runtime.Tensor {
	return s.rows(s.set.exact(), shape, names)
}

func (s Scope) rows(pack ops.Packer, shape []int, names []string) runtime.Tensor {
	cols := shape[len(shape)-1]
	each := elements(shape) / cols
	parts := make([]Stored, len(names))
	good := true
	for i, n := range names {
		t, ok := s.set.take(s.full(n), shape)
		parts[i], good = t, good && ok
	}
	if !good {
		return runtime.Tensor{}
	}
	name := s.full(names[0])
	t, err := pack.Table(name, each*len(names), cols, fitting(pack.DType, func(row int, dst []float32) error {
		return parts[row/each].Read(row%each*cols, dst)
	}))
	s.set.fail(name, err)
	return t
}

// Spare names what a checkpoint holds for other uses than this model's, such as
// training: it may be there, and is not read.
func (s Scope) Spare(names ...string) {
	for _, n := range names {
		s.set.used[s.full(n)] = true
	}
}

// Scalar is the one element of name.
func (s Scope) Scalar(name string) float32 {
	v, ok := s.read(name, []int{})
	if !ok {
		return 0
	}
	return v[0]
}

// read copies a small tensor.
func (s Scope) read(name string, shape []int) ([]float32, bool) {
	t, ok := s.set.take(s.full(name), shape)
	if !ok {
		return nil, false
	}
	v := make([]float32, elements(shape))
	if err := t.Read(0, v); err != nil {
		s.set.fail(s.full(name), err)
		return nil, false
	}
	return v, true
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
