package runtime

import "fmt"

// DType is the type of a tensor's elements in device memory.
type DType uint8

const (
	F32  DType = iota + 1 // IEEE 754 binary32
	F16                   // IEEE 754 binary16, two to a 32-bit word
	U32                   // unsigned 32-bit integer
	BF16                  // the upper half of a binary32, two to a 32-bit word

	// Forms of a matrix rather than of an element: package ops makes tensors of
	// U32 of them.
	Q8 // rows of 8-bit integers with a scale each
	Q4 // 4-bit integers with a scale for each 32 of a row
)

// Size is the size of an element in bytes; 0 for a form of a matrix.
func (d DType) Size() int {
	switch d {
	case F32, U32:
		return 4
	case F16, BF16:
		return 2
	}
	return 0
}

func (d DType) String() string {
	switch d {
	case F32:
		return "f32"
	case F16:
		return "f16"
	case U32:
		return "u32"
	case BF16:
		return "bf16"
	case Q8:
		return "q8"
	case Q4:
		return "q4"
	}
	return fmt.Sprintf("dtype(%d)", uint8(d))
}
