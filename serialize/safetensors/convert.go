package safetensors

import (
	"encoding/binary"
	"fmt"
	"math"
	"unsafe"
)

// Float32s fills dst with the elements of t from index from on (row-major). F16 and
// BF16 convert exactly, F64 is rounded to nearest, ties to even. Other types, and
// ranges that leave the tensor, are errors.
func Float32s(dst []float32, t Tensor, from int) error {
	return t.eachRun(from, len(dst), func(run []byte, first int) error {
		return float32s(dst[first:], run, t)
	})
}

// float32s converts the elements in src, as many as there are.
func float32s(dst []float32, src []byte, t Tensor) error {
	if width := t.DType.Bits() / 8; width > 0 {
		dst = dst[:len(src)/width]
	}
	switch t.DType {
	case F32:
		if littleEndian {
			copy(unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(dst))), 4*len(dst)), src)
			return nil
		}
		for i := range dst {
			dst[i] = math.Float32frombits(binary.LittleEndian.Uint32(src[4*i:]))
		}
	case F16:
		for i := range dst {
			dst[i] = fromF16(binary.LittleEndian.Uint16(src[2*i:]))
		}
	case BF16:
		for i := range dst {
			dst[i] = math.Float32frombits(uint32(binary.LittleEndian.Uint16(src[2*i:])) << 16)
		}
	case F64:
		for i := range dst {
			dst[i] = float32(math.Float64frombits(binary.LittleEndian.Uint64(src[8*i:])))
		}
	default:
		return fmt.Errorf("safetensors: tensor %q: is %s, want one of F32, F16, BF16, F64", t.Name, t.DType)
	}
	return nil
}

// Int64s fills dst with the elements of t from index from on. It takes every
// whole-number type and BOOL; a U64 that int64 cannot hold is an error.
func Int64s(dst []int64, t Tensor, from int) error {
	return t.eachRun(from, len(dst), func(run []byte, first int) error {
		return int64s(dst[first:], run, t, from+first)
	})
}

// int64s converts the elements in src, the first of which is element from.
func int64s(dst []int64, src []byte, t Tensor, from int) error {
	if width := t.DType.Bits() / 8; width > 0 {
		dst = dst[:len(src)/width]
	}
	switch t.DType {
	case I64, U64:
		for i := range dst {
			dst[i] = int64(binary.LittleEndian.Uint64(src[8*i:]))
			if t.DType == U64 && dst[i] < 0 {
				return fmt.Errorf("safetensors: tensor %q: element %d is %d, more than an int64 holds", t.Name, from+i, uint64(dst[i]))
			}
		}
	case I32:
		for i := range dst {
			dst[i] = int64(int32(binary.LittleEndian.Uint32(src[4*i:])))
		}
	case U32:
		for i := range dst {
			dst[i] = int64(binary.LittleEndian.Uint32(src[4*i:]))
		}
	case I16:
		for i := range dst {
			dst[i] = int64(int16(binary.LittleEndian.Uint16(src[2*i:])))
		}
	case U16:
		for i := range dst {
			dst[i] = int64(binary.LittleEndian.Uint16(src[2*i:]))
		}
	case I8:
		for i := range dst {
			dst[i] = int64(int8(src[i]))
		}
	case U8, Bool:
		for i := range dst {
			dst[i] = int64(src[i])
		}
	default:
		return fmt.Errorf("safetensors: tensor %q: is %s, want whole numbers (I8 to I64, U8 to U64, BOOL)", t.Name, t.DType)
	}
	return nil
}

// littleEndian is a constant to the compiler: on the machines that are, an F32
// range is one copy.
var littleEndian = binary.NativeEndian.Uint16([]byte{1, 0}) == 1

// span checks a range of n elements of t from index from on, of a tensor whose elements are whole
// bytes, and returns its bytes where they lie together.
func span(t Tensor, from, n int) ([]byte, error) {
	width, elems := t.DType.Bits()/8, t.Elems()
	if from < 0 || from > elems || n > elems-from {
		return nil, fmt.Errorf("safetensors: tensor %q %v: elements %d to %d wanted, it has %d", t.Name, t.Shape, from, from+n, elems)
	}
	if t.Strides != nil {
		if _, ok := View(t.DType, t.Data, 0, t.Shape, t.Strides); !ok {
			return nil, fmt.Errorf("safetensors: tensor %q %v of %s, strides %v: leaves its %d bytes", t.Name, t.Shape, t.DType, t.Strides, len(t.Data))
		}
		return nil, nil
	}
	if len(t.Data) != elems*width && t.DType.Bits()%8 == 0 {
		return nil, fmt.Errorf("safetensors: tensor %q %v of %s: has %d bytes, want %d", t.Name, t.Shape, t.DType, len(t.Data), elems*width)
	}
	return t.Data[from*width : (from+n)*width], nil
}

// fromF16 widens an IEEE 754 half. Moving its exponent and fraction into a
// float32's places leaves a value too small by 2^(127-15), exactly; that also
// makes its subnormals right.
func fromF16(h uint16) float32 {
	const infinite = 0x7c00
	sign, rest := uint32(h&0x8000)<<16, uint32(h&0x7fff)
	if rest >= infinite {
		return math.Float32frombits(sign | 0x7f800000 | rest<<13)
	}
	value := math.Float32frombits(rest<<13) * 0x1p112
	return math.Float32frombits(sign | math.Float32bits(value))
}
