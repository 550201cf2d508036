// Package golden reads the reference tensors of the tests: a safetensors file
// in gzip. It is for tests only and trusts its input.
package golden

import (
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"io"
	"math"
	"os"
	"testing"
)

// Tensor is one reference: uint8 or float32 values in row-major order.
type Tensor struct {
	Shape []int
	Bytes []byte    // dtype U8
	F32   []float32 // dtype F32
}

// Read returns the tensors of a file by name.
func Read(t testing.TB, path string) map[string]Tensor {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	n := 8 + binary.LittleEndian.Uint64(b)
	var header map[string]json.RawMessage
	if err := json.Unmarshal(b[8:n], &header); err != nil {
		t.Fatal(err)
	}
	out := make(map[string]Tensor, len(header))
	for name, raw := range header {
		if name == "__metadata__" {
			continue
		}
		var h struct {
			Dtype   string    `json:"dtype"`
			Shape   []int     `json:"shape"`
			Offsets [2]uint64 `json:"data_offsets"`
		}
		if err := json.Unmarshal(raw, &h); err != nil {
			t.Fatal(err)
		}
		data := b[n+h.Offsets[0] : n+h.Offsets[1]]
		x := Tensor{Shape: h.Shape}
		switch h.Dtype {
		case "U8":
			x.Bytes = data
		case "F32":
			x.F32 = make([]float32, len(data)/4)
			for i := range x.F32 {
				x.F32[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
			}
		default:
			t.Fatalf("%s: %s: dtype %s", path, name, h.Dtype)
		}
		out[name] = x
	}
	return out
}
