package safetensors

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"slices"
	"sort"
)

// A Stream is a tensor whose bytes are made while the file is written, so that
// a file may be larger than the memory.
type Stream struct {
	Name  string
	DType DType
	Shape []int
	Write func(w io.Writer) error // all of its bytes, little-endian, row-major
}

// Size returns the number of bytes that s takes. A name, a shape or a type that the
// format does not have is an error.
func (s Stream) Size() (int, error) {
	if s.Name == metadataKey {
		return 0, fmt.Errorf("safetensors: write: a tensor cannot be named %q", s.Name)
	}
	for _, d := range s.Shape {
		if d < 0 {
			return 0, fmt.Errorf("safetensors: write: tensor %q: shape %v has a negative dimension", s.Name, s.Shape)
		}
	}
	if s.DType.Bits() == 0 {
		return 0, fmt.Errorf("safetensors: write: tensor %q: dtype %q is none of the format's", s.Name, s.DType)
	}
	n, ok := count(s.Shape)
	size, whole := s.DType.size(n)
	if !ok || !whole || size > math.MaxInt {
		return 0, fmt.Errorf("safetensors: write: tensor %q: shape %v of %s makes no number of whole bytes that this machine can count", s.Name, s.Shape, s.DType)
	}
	return int(size), nil
}

// Stream returns t, to be written as it is.
func (t Tensor) Stream() Stream {
	return Stream{t.Name, t.DType, t.Shape, func(w io.Writer) error { return writeData(w, t) }}
}

// FloatStream returns a tensor of to (F32, F16 or BF16) whose elements read gives: it fills dst with those from
// first on. They are rounded to the nearest, ties to even. A finite number that would become
// infinite is an error.
func FloatStream(name string, to DType, shape []int, read func(first int, dst []float32) error) Stream {
	return Stream{name, to, shape, func(w io.Writer) error {
		const most = 1 << 14
		n := Tensor{Shape: shape}.Elems()
		values, bytes := make([]float32, min(n, most)), make([]byte, 0, 4*min(n, most))
		for first := 0; first < n; first += most {
			values, bytes = values[:min(n-first, most)], bytes[:0]
			if err := read(first, values); err != nil {
				return err
			}
			for i, v := range values {
				switch to {
				case F32:
					bytes = binary.LittleEndian.AppendUint32(bytes, math.Float32bits(v))
					continue
				case F16, BF16:
				default:
					return fmt.Errorf("want one of F32, F16, BF16, not %s", to)
				}
				h, infinite := roundF16(v), uint16(0x7c00)
				if to == BF16 {
					h, infinite = roundBF16(v), 0x7f80
				}
				if h&0x7fff == infinite && !math.IsInf(float64(v), 0) {
					return fmt.Errorf("element %d is %v, more than %s holds", first+i, v, to)
				}
				bytes = binary.LittleEndian.AppendUint16(bytes, h)
			}
			if _, err := w.Write(bytes); err != nil {
				return err
			}
		}
		return nil
	}}
}

// WriteStreams writes a file as Write does. A stream that writes more or fewer
// bytes than it said is an error.
func WriteStreams(w io.Writer, tensors []Stream, metadata map[string]string) error {
	sorted := slices.Clone(tensors)
	sort.SliceStable(sorted, func(i, j int) bool {
		a, b := sorted[i].DType.rank(), sorted[j].DType.rank()
		if a != b {
			return a > b
		}
		return sorted[i].Name < sorted[j].Name
	})
	header, err := encodeHeader(sorted, metadata)
	if err != nil {
		return err
	}
	if _, err := w.Write(header); err != nil {
		return fmt.Errorf("safetensors: write: %w", err)
	}
	out := &counter{Writer: bufio.NewWriterSize(w, 1<<16)}
	for _, t := range sorted {
		out.n = 0
		if err := t.Write(out); err != nil {
			return fmt.Errorf("safetensors: write tensor %q: %w", t.Name, err)
		}
		if size, _ := t.Size(); out.n != size {
			return fmt.Errorf("safetensors: write tensor %q: %d bytes came, want %d", t.Name, out.n, size)
		}
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("safetensors: write: %w", err)
	}
	return nil
}

// counter counts the bytes written.
type counter struct {
	*bufio.Writer
	n int
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.Writer.Write(p)
	c.n += n
	return n, err
}

// roundBF16 keeps a float32's upper half, rounded to the nearest, ties to even.
func roundBF16(v float32) uint16 {
	b := math.Float32bits(v)
	if v != v {
		return uint16(b>>16) | 0x40 // rounding could make an infinity of it
	}
	return uint16((b + 0x7fff + b>>16&1) >> 16)
}

// roundF16 rounds to an IEEE 754 half, ties to even.
func roundF16(v float32) uint16 {
	b := math.Float32bits(v)
	sign, b := uint16(b>>16&0x8000), b&0x7fffffff
	switch {
	case b > 0x7f800000:
		return sign | 0x7e00
	case b >= 0x47800000: // 2^16
		return sign | 0x7c00
	case b < 0x38800000: // below 2^-14 halves lie 2^-24 apart, as float32s from 0.5 on lie
		return sign | uint16(math.Float32bits(math.Float32frombits(b)+0.5)-math.Float32bits(0.5))
	}
	b -= (127 - 15) << 23
	return sign | uint16((b+0xfff+b>>13&1)>>13)
}
