// Package golden reads the reference tensors of the tests: a safetensors file
// in gzip.
package golden

import (
	"bytes"
	"compress/gzip"
	"io"
	"maps"
	"os"
	"slices"
	"testing"

	"github.com/vkdual/vkdual/serialize/safetensors"
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
	packed, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	f, err := safetensors.Parse(path, data)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]Tensor{}
	for _, name := range f.Names() {
		x, _ := f.Tensor(name)
		g := Tensor{Shape: x.Shape, Bytes: x.Data}
		if x.DType == safetensors.F32 {
			g = Tensor{Shape: x.Shape, F32: make([]float32, x.Elems())}
			if err := safetensors.Float32s(g.F32, x, 0); err != nil {
				t.Fatal(err)
			}
		}
		out[name] = g
	}
	return out
}

// Names returns the names in order.
func Names(m map[string]Tensor) []string { return slices.Sorted(maps.Keys(m)) }
