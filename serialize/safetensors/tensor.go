package safetensors

import (
	"fmt"
	"slices"
)

// Tensor is a named, shaped range of a file's bytes. Readers of other forms of
// weights return it too, with Strides where they lay elements out otherwise than
// safetensors does.
type Tensor struct {
	Name  string
	DType DType
	Shape []int  // empty for a scalar
	Data  []byte // little-endian elements, shared with the File: not to be written, nor read after its Close

	// Strides are the distances between neighbours along each axis, in elements; never
	// negative. Nil where the elements follow each other in row-major order and
	// fill Data, as in every safetensors file. Float32s, Int64s and Write take both.
	Strides []int
}

// Elems returns the number of elements.
func (t Tensor) Elems() int {
	n := 1
	for _, d := range t.Shape {
		if d == 0 {
			return 0
		}
		n *= d
	}
	return n
}

// View returns the tensor of that shape and those strides on the elements of data
// from offset on, and whether they all lie in data. Its Strides are nil where they are
// those of row-major order. The type's elements are to be whole bytes.
func View(dtype DType, data []byte, offset int, shape, strides []int) (Tensor, bool) {
	n, ok := count(shape)
	width := dtype.Bits() / 8
	if !ok || width == 0 || len(shape) != len(strides) || offset < 0 {
		return Tensor{}, false
	}
	t := Tensor{DType: dtype, Shape: slices.Clone(shape)}
	if n == 0 {
		return t, slices.Min(shape) >= 0
	}
	elems := len(data) / width
	last, rowMajor := 0, 1 // last: the distance from the first element to the last
	packed := true
	for i := len(shape) - 1; i >= 0; i-- {
		d, stride := shape[i], strides[i]
		if d < 0 || stride < 0 {
			return Tensor{}, false
		}
		if d == 1 {
			continue // its stride is never walked
		}
		if stride > (elems-last)/(d-1) {
			return Tensor{}, false
		}
		last += stride * (d - 1)
		packed = packed && stride == rowMajor
		rowMajor *= d
	}
	if offset > elems-last-1 {
		return Tensor{}, false
	}
	end := offset + last + 1
	t.Data = data[offset*width : end*width : end*width]
	if !packed {
		t.Strides = slices.Clone(strides)
	}
	return t, true
}

// Transpose returns the tensor with its axes in another order: axis i of the
// result is axes[i] of t. Nothing is copied.
func (t Tensor) Transpose(axes ...int) Tensor {
	strides := t.Strides
	if strides == nil {
		strides = rowMajor(t.Shape)
	}
	shape, turned := make([]int, len(axes)), make([]int, len(axes))
	for i, axis := range axes {
		shape[i], turned[i] = t.Shape[axis], strides[axis]
	}
	out, ok := View(t.DType, t.Data, 0, shape, turned)
	if !ok {
		panic(fmt.Sprintf("safetensors: transpose tensor %q %v of %s with %d bytes by %v", t.Name, t.Shape, t.DType, len(t.Data), axes))
	}
	out.Name = t.Name
	return out
}

func rowMajor(shape []int) []int {
	strides := make([]int, len(shape))
	at := 1
	for i := len(shape) - 1; i >= 0; i-- {
		strides[i] = at
		at *= shape[i]
	}
	return strides
}

// gather copies whole elements of t from index from on (row-major order of its shape) into dst.
func (t Tensor) gather(dst []byte, from int) {
	width, rank := t.DType.Bits()/8, len(t.Shape)
	inner, stride := t.Shape[rank-1], t.Strides[rank-1]*width
	index, at := make([]int, rank), 0
	for i := rank - 1; i >= 0; i-- {
		index[i] = from % t.Shape[i]
		from /= t.Shape[i]
		at += index[i] * t.Strides[i] * width
	}
	for len(dst) > 0 {
		n := min(inner-index[rank-1], len(dst)/width)
		switch width {
		case 4:
			for i := range n {
				*(*[4]byte)(dst[4*i:]) = *(*[4]byte)(t.Data[at+i*stride:])
			}
		case 2:
			for i := range n {
				*(*[2]byte)(dst[2*i:]) = *(*[2]byte)(t.Data[at+i*stride:])
			}
		default:
			for i := range n {
				copy(dst[width*i:width*(i+1)], t.Data[at+i*stride:])
			}
		}
		dst = dst[n*width:]
		// On to the next row: back to its first column, and carry.
		at -= index[rank-1] * stride
		index[rank-1] = 0
		for i := rank - 2; i >= 0; i-- {
			at += t.Strides[i] * width
			if index[i]++; index[i] < t.Shape[i] {
				break
			}
			at -= index[i] * t.Strides[i] * width
			index[i] = 0
		}
	}
}

// chunk is how many bytes of a strided tensor are gathered at a time.
const chunk = 1 << 13

// eachRun calls visit with the bytes of n elements from index from on, in order and
// without gaps, some at a time.
func (t Tensor) eachRun(from, n int, visit func(run []byte, first int) error) error {
	src, err := span(t, from, n)
	if err != nil {
		return err
	}
	if t.Strides == nil {
		return visit(src, 0)
	}
	var buffer [chunk]byte
	width := t.DType.Bits() / 8
	for done := 0; done < n; {
		run := buffer[:min(n-done, chunk/width)*width]
		t.gather(run, from+done)
		if err := visit(run, done); err != nil {
			return err
		}
		done += len(run) / width
	}
	return nil
}
