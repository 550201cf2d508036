package safetensors

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strings"
	"unsafe"

	"github.com/vkdual/vkdual/serialize/atomicfile"
)

// Write writes a file with these tensors, laid out as the format's own library
// does: widest element type first, then by name; the header padded with spaces to a
// multiple of eight bytes. Metadata keys are sorted. A tensor whose Data is not as
// long as its shape and type say, and a name that occurs twice, are errors, found before the
// first byte is written.
func Write(w io.Writer, tensors []Tensor, metadata map[string]string) error {
	streams := make([]Stream, len(tensors))
	for i, t := range tensors {
		if err := check(t); err != nil {
			return err
		}
		streams[i] = t.Stream()
	}
	return WriteStreams(w, streams, metadata)
}

func writeData(w io.Writer, t Tensor) error {
	if t.Strides == nil { // elements may be less than a byte
		_, err := w.Write(t.Data)
		return err
	}
	return t.eachRun(0, t.Elems(), func(run []byte, _ int) error {
		_, err := w.Write(run)
		return err
	})
}

// WriteFile writes the file at path as Write does, under another name at
// first: path holds the old file or the whole new one, never a part.
func WriteFile(path string, tensors []Tensor, metadata map[string]string) error {
	return atomicfile.Write(path, func(w io.Writer) error {
		return Write(w, tensors, metadata)
	})
}

func encodeHeader(tensors []Stream, metadata map[string]string) ([]byte, error) {
	out := bytes.NewBuffer(make([]byte, lengthBytes, lengthBytes+128*(len(tensors)+1)))
	out.WriteByte('{')
	if metadata != nil {
		out.WriteString(`"` + metadataKey + `":`)
		if err := encode(out, metadata); err != nil {
			return nil, err
		}
	}
	names := make(map[string]bool, len(tensors))
	at := 0
	for i, t := range tensors {
		size, err := t.Size()
		if err != nil {
			return nil, err
		}
		if names[t.Name] {
			return nil, fmt.Errorf("safetensors: write: two tensors are named %q", t.Name)
		}
		names[t.Name] = true
		if i > 0 || metadata != nil {
			out.WriteByte(',')
		}
		if err := encode(out, t.Name); err != nil {
			return nil, err
		}
		shape := t.Shape
		if shape == nil {
			shape = []int{} // a scalar's is [], not null
		}
		line := struct {
			DType   DType  `json:"dtype"`
			Shape   []int  `json:"shape"`
			Offsets [2]int `json:"data_offsets"`
		}{t.DType, shape, [2]int{at, at + size}}
		out.WriteByte(':')
		if err := encode(out, line); err != nil {
			return nil, err
		}
		at = line.Offsets[1]
	}
	out.WriteByte('}')
	out.WriteString(strings.Repeat(" ", -out.Len()&7))
	header := out.Bytes()
	if n := len(header) - lengthBytes; n > maxHeader {
		return nil, fmt.Errorf("safetensors: write: %d tensors make a header of %d bytes, %d are legal", len(tensors), n, maxHeader)
	}
	binary.LittleEndian.PutUint64(header, uint64(len(header)-lengthBytes))
	return header, nil
}

// encode appends v as JSON with "<", ">" and "&" as they are.
func encode(out *bytes.Buffer, v any) error {
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("safetensors: write: %w", err)
	}
	out.Truncate(out.Len() - 1) // Encode ends with a newline
	return nil
}

// check holds a tensor's bytes against its shape.
func check(t Tensor) error {
	size, err := t.Stream().Size()
	if err != nil {
		return err
	}
	ok := size == len(t.Data)
	if t.Strides != nil {
		_, ok = View(t.DType, t.Data, 0, t.Shape, t.Strides)
	}
	if !ok {
		return fmt.Errorf("safetensors: write: tensor %q: %d bytes do not make shape %v of %s", t.Name, len(t.Data), t.Shape, t.DType)
	}
	return nil
}

// FromFloat32s returns an F32 tensor of these values. On little-endian machines
// its Data is the memory of values itself.
func FromFloat32s(name string, values []float32, shape ...int) Tensor {
	t := Tensor{Name: name, DType: F32, Shape: shape}
	if littleEndian {
		t.Data = unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(values))), 4*len(values))
		return t
	}
	t.Data = make([]byte, 0, 4*len(values))
	for _, v := range values {
		t.Data = binary.LittleEndian.AppendUint32(t.Data, math.Float32bits(v))
	}
	return t
}

// FromInt64s returns an I64 tensor of these values, as FromFloat32s does.
func FromInt64s(name string, values []int64, shape ...int) Tensor {
	t := Tensor{Name: name, DType: I64, Shape: shape}
	if littleEndian {
		t.Data = unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(values))), 8*len(values))
		return t
	}
	t.Data = make([]byte, 0, 8*len(values))
	for _, v := range values {
		t.Data = binary.LittleEndian.AppendUint64(t.Data, uint64(v))
	}
	return t
}
