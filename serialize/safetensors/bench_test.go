package safetensors_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/vkdual/vkdual/serialize/safetensors"
)

func BenchmarkFloat32s(b *testing.B) {
	const n = 1 << 20
	dst := make([]float32, n)
	for _, dtype := range []safetensors.DType{safetensors.F32, safetensors.F16, safetensors.BF16, safetensors.F64} {
		t := safetensors.Tensor{Name: "x", DType: dtype, Shape: []int{n}, Data: bytes.Repeat([]byte{0x12, 0x3a}, n*dtype.Bits()/16)}
		b.Run(string(dtype), func(b *testing.B) {
			b.SetBytes(4 * n)
			for b.Loop() {
				if err := safetensors.Float32s(dst, t, 0); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkParse(b *testing.B) {
	var tensors []safetensors.Tensor
	for i := range 1000 {
		tensors = append(tensors, safetensors.FromFloat32s(fmt.Sprintf("text_model.encoder.layer.%d.output.dense.weight", i), []float32{0}, 1))
	}
	var data bytes.Buffer
	if err := safetensors.Write(&data, tensors, nil); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := safetensors.Parse("x", data.Bytes()); err != nil {
			b.Fatal(err)
		}
	}
}
