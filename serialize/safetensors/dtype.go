package safetensors

import "math/bits"

// DType is an element type, spelled as in a file's header.
type DType string

// The element types of the format. Tensors of any of them can be read as bytes;
// Float32s and Int64s say which they convert.
const (
	Bool   DType = "BOOL"
	F4     DType = "F4" // 4 bits
	F6E2M3 DType = "F6_E2M3"
	F6E3M2 DType = "F6_E3M2"
	U8     DType = "U8"
	I8     DType = "I8"
	F8E5M2 DType = "F8_E5M2"
	F8E4M3 DType = "F8_E4M3"
	F8E8M0 DType = "F8_E8M0"
	I16    DType = "I16"
	U16    DType = "U16"
	F16    DType = "F16"
	BF16   DType = "BF16"
	I32    DType = "I32"
	U32    DType = "U32"
	F32    DType = "F32"
	C64    DType = "C64" // two F32
	F64    DType = "F64"
	I64    DType = "I64"
	U64    DType = "U64"
)

// dtypes is in the order by which the format's own library lays tensors out
// (the last first, so that wide elements stay aligned).
var dtypes = [...]struct {
	name DType
	bits uint64
}{
	{Bool, 8}, {F4, 4}, {F6E2M3, 6}, {F6E3M2, 6}, {U8, 8}, {I8, 8}, {F8E5M2, 8}, {F8E4M3, 8}, {F8E8M0, 8},
	{I16, 16}, {U16, 16}, {F16, 16}, {BF16, 16}, {I32, 32}, {U32, 32}, {F32, 32}, {C64, 64}, {F64, 64}, {I64, 64}, {U64, 64},
}

// Bits returns the width of one element in bits, 0 for a type that the format lacks.
func (t DType) Bits() int {
	if r := t.rank(); r >= 0 {
		return int(dtypes[r].bits)
	}
	return 0
}

func (t DType) rank() int {
	for i := range dtypes {
		if dtypes[i].name == t {
			return i
		}
	}
	return -1
}

// count returns the number of elements of a shape; false where it does not fit.
func count(shape []int) (uint64, bool) {
	n, overflow := uint64(1), false
	for _, d := range shape {
		if d == 0 {
			return 0, true // [0 2^62 2^62] is a legal, empty tensor
		}
		hi, lo := bits.Mul64(n, uint64(d))
		overflow = overflow || hi != 0
		n = lo
	}
	return n, !overflow
}

// size returns the bytes that n elements take; false where it does not fit, or
// where they do not fill their last byte.
func (t DType) size(n uint64) (uint64, bool) {
	hi, lo := bits.Mul64(n, uint64(t.Bits()))
	if hi >= 8 || lo%8 != 0 {
		return 0, false
	}
	return hi<<61 | lo>>3, true
}
