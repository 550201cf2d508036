package flax

import (
	"fmt"
	"math"

	"github.com/vkdual/vkdual/serialize/safetensors"
)

// Flax's extension types.
const (
	extNDArray = 1 // an array
	extScalar  = 3 // a NumPy scalar, in the same form
)

// maxRank is NumPy's own bound.
const maxRank = 32

// dtypes are NumPy's names.
func dtypeOf(name string) (safetensors.DType, bool) {
	switch name {
	case "float32":
		return safetensors.F32, true
	case "float16":
		return safetensors.F16, true
	case "bfloat16":
		return safetensors.BF16, true
	case "float64":
		return safetensors.F64, true
	case "int64":
		return safetensors.I64, true
	case "int32":
		return safetensors.I32, true
	case "int16":
		return safetensors.I16, true
	case "int8":
		return safetensors.I8, true
	case "uint64":
		return safetensors.U64, true
	case "uint32":
		return safetensors.U32, true
	case "uint16":
		return safetensors.U16, true
	case "uint8":
		return safetensors.U8, true
	case "bool":
		return safetensors.Bool, true
	case "complex64":
		return safetensors.C64, true
	case "float8_e4m3fn":
		return safetensors.F8E4M3, true
	case "float8_e5m2":
		return safetensors.F8E5M2, true
	}
	return "", false
}

// ndarray reads the body of an array: a MessagePack array of shape, type and bytes.
func ndarray(body []byte) (safetensors.Tensor, error) {
	var t safetensors.Tensor
	d := decoder{data: body}
	head, err := d.next()
	if err != nil {
		return t, err
	}
	if head.kind != array || head.n != 3 {
		return t, fmt.Errorf("want an array of shape, type and bytes")
	}
	dims, err := d.next()
	if err != nil {
		return t, err
	}
	if dims.kind != array || dims.n > maxRank {
		return t, fmt.Errorf("shape: want an array of at most %d numbers", maxRank)
	}
	shape := make([]int, dims.n)
	elems := uint64(1)
	for i := range shape {
		dim, err := d.next()
		if err != nil {
			return t, err
		}
		if dim.kind != integer || dim.n > math.MaxInt32<<8 {
			return t, fmt.Errorf("shape: want numbers from 0 on")
		}
		shape[i] = int(dim.n)
	}
	for _, n := range shape {
		if n != 0 && elems > math.MaxInt64/uint64(n) {
			return t, fmt.Errorf("shape %v exceeds what a machine can hold", shape)
		}
		elems *= uint64(n)
	}
	name, err := d.next()
	if err != nil {
		return t, err
	}
	dtype, ok := dtypeOf(string(name.body))
	if name.kind != text && name.kind != blob || !ok {
		return t, fmt.Errorf("element type %.40q, want one of NumPy's numbers", name.body)
	}
	data, err := d.next()
	if err != nil {
		return t, err
	}
	width := uint64(dtype.Bits() / 8)
	if data.kind != blob && data.kind != text || elems > math.MaxInt64/width || uint64(len(data.body)) != elems*width {
		return t, fmt.Errorf("%d bytes for shape %v of %s", len(data.body), shape, dtype)
	}
	if d.at != len(body) {
		return t, fmt.Errorf("%d bytes follow the array", len(body)-d.at)
	}
	return safetensors.Tensor{DType: dtype, Shape: shape, Data: data.body}, nil
}
