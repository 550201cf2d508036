package runtime

import (
	"fmt"
	"strings"
	"unsafe"
)

// MaxRank is the largest number of dimensions that a Tensor has.
const MaxRank = 5

// A Tensor names a dense row-major array on a device: a dtype, a shape and the
// place of its elements. It is a value and owns nothing. The zero Tensor means
// "absent".
type Tensor struct {
	dtype DType
	rank  uint8
	shape [MaxRank]int

	// Either a place in an Arena, or the number of a value of a Recorder.
	at *place
	of *Recorder
	id int32
}

// A place is a range of an Arena's memory.
type place struct {
	name   string
	block  *block // nil: there is none, see NewShapes
	offset uint64
	size   uint64
}

func newTensor(t DType, shape []int) (Tensor, error) {
	if len(shape) > MaxRank {
		return Tensor{}, fmt.Errorf("shape %v has more than %d dimensions", shape, MaxRank)
	}
	if t.Size() == 0 {
		return Tensor{}, fmt.Errorf("no tensor has elements of %v", t)
	}
	x := Tensor{dtype: t, rank: uint8(len(shape))}
	n := 1
	for i, d := range shape {
		if d < 1 {
			return Tensor{}, fmt.Errorf("shape %v: dimension %d is %d, want 1 or more", shape, i, d)
		}
		if n > (1<<47)/d {
			return Tensor{}, fmt.Errorf("shape %v is larger than any memory", shape)
		}
		n *= d
		x.shape[i] = d
	}
	return x, nil
}

// Valid reports whether t is a tensor, not the zero value.
func (t Tensor) Valid() bool { return t.dtype != 0 }

// DType is the type of the elements.
func (t Tensor) DType() DType { return t.dtype }

// Rank is the number of dimensions.
func (t Tensor) Rank() int { return int(t.rank) }

// Dim is the length of dimension i; a negative i counts from the end. A
// dimension that t lacks has length 0.
func (t Tensor) Dim(i int) int {
	if i < 0 {
		i += int(t.rank)
	}
	if i < 0 || i >= int(t.rank) {
		return 0
	}
	return t.shape[i]
}

// Shape is a copy of the dimensions.
func (t Tensor) Shape() []int { return append([]int(nil), t.shape[:t.rank]...) }

// Elems is the number of elements.
func (t Tensor) Elems() int {
	if !t.Valid() {
		return 0
	}
	n := 1
	for _, d := range t.shape[:t.rank] {
		n *= d
	}
	return n
}

// Bytes is the size in device memory. It is a multiple of 4: an odd number of
// halves is padded, since shaders address 32-bit words.
func (t Tensor) Bytes() uint64 { return (uint64(t.Elems())*uint64(t.dtype.Size()) + 3) &^ 3 }

func (t Tensor) String() string {
	if !t.Valid() {
		return "absent"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%v%v", t.dtype, t.shape[:t.rank])
	return b.String()
}

// F32s views bytes of device-shared memory as float32. The length is a multiple of 4.
func F32s(b []byte) []float32 {
	if len(b) == 0 {
		return nil
	}
	return unsafe.Slice((*float32)(unsafe.Pointer(&b[0])), len(b)/4)
}

// U32s views bytes of device-shared memory as uint32. The length is a multiple of 4.
func U32s(b []byte) []uint32 {
	if len(b) == 0 {
		return nil
	}
	return unsafe.Slice((*uint32)(unsafe.Pointer(&b[0])), len(b)/4)
}

// U16s views bytes of device-shared memory as uint16, such as F16 and BF16
// elements. The length is a multiple of 2.
func U16s(b []byte) []uint16 {
	if len(b) == 0 {
		return nil
	}
	return unsafe.Slice((*uint16)(unsafe.Pointer(&b[0])), len(b)/2)
}
