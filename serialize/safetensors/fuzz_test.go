package safetensors_test

import (
	"bytes"
	"errors"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/vkdual/vkdual/serialize/internal/allocs"
	"github.com/vkdual/vkdual/serialize/safetensors"
)

// Any bytes are either refused with a typed error or a file whose tensors tile
// its data, and which survives being written and read.
func FuzzParse(f *testing.F) {
	f.Add(file(`{"__metadata__":{"format":"pt"},"a":{"dtype":"F16","shape":[2,1],"data_offsets":[0,4]},"b":{"dtype":"I64","shape":[],"data_offsets":[4,12]}}`, 12))
	f.Add(file(`{"x":{"dtype":"F4","shape":[2],"data_offsets":[0,1]},"z":{"dtype":"U8","shape":[0,18446744073709551615],"data_offsets":[1,1]}}  `, 1))
	f.Add(file(`{"x":{"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,0]}}`, 0))
	f.Add(file(`{"x":{"dtype":"U8","shape":[1],"data_offsets":[18446744073709551615,0]}}`, 1))
	for _, golden := range []string{"models/extra-masks/model.safetensors", "public/clip-h-xlm-roberta-large/model-00001-of-00003.safetensors"} {
		data, err := os.ReadFile("../../testdata/" + golden)
		require.NoError(f, err)
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var file *safetensors.File
		var err error
		require.LessOrEqual(t, allocs.Of(func() { file, err = safetensors.Parse("fuzz", data) }), allocs.Bound(len(data)))
		if err != nil {
			var typed *safetensors.Error
			require.True(t, errors.As(err, &typed), "%v", err)
			return
		}
		var tensors []safetensors.Tensor
		total := 0
		for _, name := range file.Names() {
			tensor, ok := file.Tensor(name)
			require.True(t, ok)
			require.Equal(t, tensor.Elems()*tensor.DType.Bits(), len(tensor.Data)*8)
			total += len(tensor.Data)
			row := make([]float32, tensor.Elems())
			_ = safetensors.Float32s(row, tensor, 0) // an error for the types it does not convert; never a panic
			_ = safetensors.Int64s(make([]int64, len(row)), tensor, 0)
			tensors = append(tensors, tensor)
		}
		require.LessOrEqual(t, total, len(data))
		var out bytes.Buffer
		require.NoError(t, safetensors.Write(&out, tensors, file.Metadata()))
		again, err := safetensors.Parse("again", out.Bytes())
		require.NoError(t, err)
		require.ElementsMatch(t, file.Names(), again.Names())
		for _, want := range tensors {
			got, _ := again.Tensor(want.Name)
			require.Equal(t, want, got)
		}
	})
}
