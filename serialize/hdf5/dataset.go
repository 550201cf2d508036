package hdf5

import (
	"encoding/binary"
	"math"

	"github.com/vkdual/vkdual/serialize/safetensors"
)

const maxRank = 32 // the format's own bound

// dataset makes a tensor of a dataset's messages.
func (w *walker) dataset(place string, messages map[uint64][]byte) (safetensors.Tensor, error) {
	var t safetensors.Tensor
	var err error
	if t.DType, err = datatype(place, messages[msgDatatype]); err != nil {
		return t, err
	}
	if t.Shape, err = dataspace(place, messages[msgDataspace]); err != nil {
		return t, err
	}
	elems := uint64(1)
	for _, n := range t.Shape {
		if n != 0 && elems > math.MaxInt64/8/uint64(n) {
			return t, fault(place, "shape %v exceeds what a machine can hold", t.Shape)
		}
		elems *= uint64(n)
	}
	t.Data, err = w.layout(place, messages[msgLayout], elems*uint64(t.DType.Bits()/8))
	return t, err
}

// dataspace reads a shape (section IV.A.2.b).
func dataspace(place string, b []byte) ([]int, error) {
	if len(b) < 4 {
		return nil, fault(place, "no shape")
	}
	version, rank, dims := b[0], int(b[1]), 8
	switch {
	case version == 2:
		dims = 4
		if b[3] == 2 {
			return nil, fault(place, "a null dataspace: want a shape")
		}
	case version != 1:
		return nil, fault(place, "a dataspace of version %d, want 1 or 2", version)
	}
	if rank > maxRank || len(b) < dims+8*rank {
		return nil, fault(place, "a shape of %d dimensions in %d bytes", rank, len(b))
	}
	shape := make([]int, rank)
	for i := range shape {
		n := u64(b[dims+8*i:])
		if n > math.MaxInt32<<8 {
			return nil, fault(place, "dimension %d is %d", i, n)
		}
		shape[i] = int(n)
	}
	return shape, nil
}

// datatype reads a type of plain numbers (section IV.A.2.d).
func datatype(place string, b []byte) (safetensors.DType, error) {
	if len(b) < 8 {
		return "", fault(place, "no element type")
	}
	class, bits, size := b[0]&0x0f, b[1], u32(b[4:])
	if class > 1 {
		return "", fault(place, "elements of class %d, want integers or floats", class)
	}
	if bits&1 != 0 {
		return "", fault(place, "big-endian numbers, want little-endian ones")
	}
	properties := b[8:]
	if class == 0 {
		if len(properties) < 4 || u16(properties) != 0 || u16(properties[2:]) != 8*size {
			return "", fault(place, "integers that do not fill their %d bytes", size)
		}
		signed := bits&8 != 0
		for _, t := range []struct {
			size   uint64
			signed bool
			dtype  safetensors.DType
		}{
			{1, true, safetensors.I8}, {1, false, safetensors.U8}, {2, true, safetensors.I16}, {2, false, safetensors.U16},
			{4, true, safetensors.I32}, {4, false, safetensors.U32}, {8, true, safetensors.I64}, {8, false, safetensors.U64},
		} {
			if t.size == size && t.signed == signed {
				return t.dtype, nil
			}
		}
		return "", fault(place, "integers of %d bytes", size)
	}
	if len(properties) < 12 {
		return "", fault(place, "a float type of %d bytes", len(b))
	}
	// Offset and precision, then the places of exponent and fraction, and the bias.
	type float struct {
		size, precision                                uint64
		exponent, exponentBits, fraction, fractionBits uint8
		bias                                           uint64
	}
	is := float{size, u16(properties[2:]), properties[4], properties[5], properties[6], properties[7], uint64(binary.LittleEndian.Uint32(properties[8:]))}
	for dtype, want := range map[safetensors.DType]float{
		safetensors.F16:  {2, 16, 10, 5, 0, 10, 15},
		safetensors.BF16: {2, 16, 7, 8, 0, 7, 127},
		safetensors.F32:  {4, 32, 23, 8, 0, 23, 127},
		safetensors.F64:  {8, 64, 52, 11, 0, 52, 1023},
	} {
		if is == want && u16(properties) == 0 {
			return dtype, nil
		}
	}
	return "", fault(place, "floats of %d bytes with %d bits of exponent, want IEEE 754's of 16, 32 or 64 bits", size, is.exponentBits)
}

// layout finds a dataset's bytes (section IV.A.2.i), of which there are to be size.
func (w *walker) layout(place string, b []byte, size uint64) ([]byte, error) {
	if len(b) < 2 {
		return nil, fault(place, "a layout of %d bytes", len(b))
	}
	if b[0] != 3 && b[0] != 4 {
		return nil, fault(place, "a layout of version %d, want 3 or 4", b[0])
	}
	switch class := b[1]; {
	case class == 0 && len(b) >= 4: // compact: the bytes stand here
		if n := u16(b[2:]); n != size || n > uint64(len(b)-4) {
			return nil, fault(place, "%d bytes stored, the shape wants %d", n, size)
		}
		return b[4 : 4+size : 4+size], nil
	case class == 1 && len(b) >= 18: // contiguous
		at, n := u64(b[2:]), u64(b[10:])
		switch {
		case n != size:
			return nil, fault(place, "%d bytes stored, the shape wants %d", n, size)
		case size == 0:
			return nil, nil
		case at == math.MaxUint64:
			return nil, fault(place, "its numbers were never written")
		}
		return w.block(place, at, size)
	case class == 2:
		return nil, fault(place, "its numbers are in chunks, want them in one piece, as Keras saves them")
	}
	return nil, fault(place, "a layout of class %d in %d bytes", b[1], len(b))
}
