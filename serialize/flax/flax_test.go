package flax_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/vkdual/vkdual/serialize/flax"
	"github.com/vkdual/vkdual/serialize/internal/allocs"
	"github.com/vkdual/vkdual/serialize/safetensors"
)

const forms = "../../testdata/forms/"

func floats(t testing.TB, x safetensors.Tensor) []float32 {
	out := make([]float32, x.Elems())
	require.NoError(t, safetensors.Float32s(out, x, 0))
	return out
}

// The Flax file of a model holds its numbers, by PyTorch's names and in its layouts; in
// bf16 those of its safetensors file in bf16.
func TestFilesHoldTheModelsNumbers(t *testing.T) {
	for form, model := range map[string]string{"flax": "../models/vit-bert", "flax-bf16": "safetensors-bf16"} {
		want, err := safetensors.Open(forms + model + "/model.safetensors")
		require.NoError(t, err)
		f, err := flax.OpenFS(os.DirFS(forms+form), "flax_model.msgpack")
		require.NoError(t, err)
		require.ElementsMatch(t, want.Names(), f.Names())
		for _, name := range want.Names() {
			x, _ := want.Tensor(name)
			y, ok := f.Tensor(name)
			require.True(t, ok, name)
			require.Equal(t, name, y.Name)
			require.Equal(t, x.DType, y.DType)
			require.Equal(t, x.Shape, y.Shape, name)
			require.Equal(t, floats(t, x), floats(t, y), name)
		}
		require.NoError(t, f.Close())
		require.NoError(t, want.Close())
	}
}

// Pieces of MessagePack.
func str(s string) string { return "\xd9" + string([]byte{byte(len(s))}) + s }
func ext(code byte, body string) string {
	return "\xc9" + string(binary.BigEndian.AppendUint32(nil, uint32(len(body)))) + string([]byte{code}) + body
}
func nd(dtype, data string, shape ...byte) string {
	return "\x93" + string([]byte{0x90 | byte(len(shape))}) + string(shape) + str(dtype) + "\xc4" + string([]byte{byte(len(data))}) + data
}
func dict(pairs ...string) string {
	return string([]byte{0x80 | byte(len(pairs)/2)}) + strings.Join(pairs, "")
}

func TestLayoutsAndNames(t *testing.T) {
	ramp := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(i)
		}
		return string(b)
	}
	inner := dict(
		str("conv"), dict(str("kernel"), ext(1, nd("uint8", ramp(24), 1, 2, 3, 4))),
		str("line"), dict(str("kernel"), ext(1, nd("uint8", ramp(6), 1, 2, 3))),
		str("norm"), dict(str("scale"), ext(1, nd("uint8", ramp(2), 2)), str("bias"), ext(1, nd("bfloat16", ramp(4), 2))),
		str("table"), dict(str("embedding"), ext(1, nd("uint8", ramp(6), 3, 2))),
		str("step"), "\x05", str("none"), "\xc0", str("number"), ext(3, nd("int8", ramp(1))),
	)
	data := dict(str("params"), inner, str("batch_stats"), dict(str("norm"), dict(str("mean"), ext(1, nd("uint8", ramp(2), 2)))))
	f, err := flax.Parse("x", []byte(data))
	require.NoError(t, err)
	require.Equal(t, []string{"conv.weight", "line.weight", "norm.bias", "norm.running_mean", "norm.weight", "number", "table.weight"}, f.Names())
	for name, want := range map[string]struct {
		shape []int
		data  []int64
	}{
		"conv.weight":  {[]int{4, 3, 1, 2}, []int64{0, 12, 4, 16, 8, 20, 1, 13, 5, 17, 9, 21, 2, 14, 6, 18, 10, 22, 3, 15, 7, 19, 11, 23}},
		"line.weight":  {[]int{3, 2, 1}, []int64{0, 3, 1, 4, 2, 5}},
		"table.weight": {[]int{3, 2}, []int64{0, 1, 2, 3, 4, 5}},
		"norm.weight":  {[]int{2}, []int64{0, 1}},
	} {
		x, ok := f.Tensor(name)
		require.True(t, ok)
		require.Equal(t, want.shape, x.Shape)
		got := make([]int64, x.Elems())
		require.NoError(t, safetensors.Int64s(got, x, 0))
		require.Equal(t, want.data, got, name)
	}
}

func TestArraysInParts(t *testing.T) {
	parts := func(shape, chunks string) []byte {
		return []byte(dict(str("kernel"), dict(str("__msgpack_chunked_array__"), "\xc3", str("shape"), shape, str("chunks"), chunks)))
	}
	shape := dict(str("0"), "\x02", str("1"), "\x03")
	f, err := flax.Parse("x", parts(shape, dict(str("0"), ext(1, nd("uint8", "\x00\x01\x02\x03", 4)), str("1"), ext(1, nd("uint8", "\x04\x05", 2)))))
	require.NoError(t, err)
	x, ok := f.Tensor("weight")
	require.True(t, ok)
	require.Equal(t, []int{3, 2}, x.Shape)
	var got [6]int64
	require.NoError(t, safetensors.Int64s(got[:], x, 0))
	require.Equal(t, [6]int64{0, 3, 1, 4, 2, 5}, got)
	_, err = flax.Parse("x", parts(shape, dict(str("0"), ext(1, nd("uint8", "\x00", 1)))))
	require.ErrorContains(t, err, "1 parts of 1 elements in all, shape [2 3] has 6")
}

// No tensor is a copy: what changes in the file changes in them.
func TestTensorsLieInTheFile(t *testing.T) {
	data, err := os.ReadFile(forms + "flax/flax_model.msgpack")
	require.NoError(t, err)
	f, err := flax.Parse("x", data)
	require.NoError(t, err)
	clear(data)
	for _, name := range f.Names() {
		x, _ := f.Tensor(name)
		require.NotEmpty(t, x.Data)
		require.Empty(t, bytes.Trim(x.Data, "\x00"), name)
	}
}

func TestWrongFiles(t *testing.T) {
	whole, err := os.ReadFile(forms + "flax/flax_model.msgpack")
	require.NoError(t, err)
	deep := strings.Repeat("\x81\xa1a", 100) + "\xc0"
	one := ext(1, nd("uint8", "\x00", 1))
	for _, c := range []struct{ data, want string }{
		{"", "byte 0: the file is empty"},
		{"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"},
		{"\x93abc", "want a MessagePack map"},
		{"\xc1", "found 0xc1, which begins no object of MessagePack"},
		{string(whole[:len(whole)-1]), "the file is cut short"},
		{string(whole) + "x", "1 bytes follow the parameters"},
		{dict(str("a"), "\x01"), "no array in it"},
		{deep, "maps lie 65 deep"},
		{"\xdf\xff\xff\xff\xff", "4294967295 elements stated, 0 bytes follow"},
		{dict(str("a"), one, str("a"), one), `key "a" occurs twice`},
		{dict(str("kernel"), one, str("scale"), one), `both are PyTorch's "weight"`},
		{dict("\xc4\x01a", one), "a key is no text"},
		{dict(str("a"), ext(7, "x")), "extension type 7, which Flax does not write"},
		{dict(str("a"), "\x91\x01"), "found a list"},
		{dict(str("a"), ext(1, nd("object", "\x00", 1))), `element type "object"`},
		{dict(str("a"), ext(1, nd("float32", "\x00", 1))), `"a" at byte 1: array: 1 bytes for shape [1] of F32`},
		{dict(str("a"), ext(1, nd("uint8", "\x00", 1)+"x")), "1 bytes follow the array"},
		{dict(str("a"), ext(1, "\x93\x91\xcf\xff\xff\xff\xff\xff\xff\xff\xff")), "shape: want numbers"},
	} {
		_, err := flax.Parse("file", []byte(c.data))
		var typed *flax.Error
		require.True(t, errors.As(err, &typed), "%q: %v", c.want, err)
		require.ErrorContains(t, err, c.want)
	}
}

// Any bytes are refused with a typed error, or are a file whose parameters lie in it.
func FuzzParse(f *testing.F) {
	f.Add([]byte(dict(str("params"), dict(str("kernel"), ext(1, nd("float32", "\x00\x00\x80\x3f\x00\x00\x00\x40", 2, 1)), "\x01", ext(3, nd("bool", "\x01"))))))
	f.Add([]byte(dict(str("kernel"), dict(str("__msgpack_chunked_array__"), "\xc3", str("shape"), dict(str("0"), "\x02"), str("chunks"), dict(str("0"), ext(1, nd("uint8", "\x00\x01", 2)))))))
	paths, err := filepath.Glob("testdata/*.msgpack") // tools/golden makes them small: these mutate best
	require.NoError(f, err)
	require.NotEmpty(f, paths)
	for _, path := range paths {
		data, err := os.ReadFile(path)
		require.NoError(f, err)
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var file *flax.File
		var err error
		require.LessOrEqual(t, allocs.Of(func() { file, err = flax.Parse("fuzz", data) }), allocs.Bound(len(data)))
		if err != nil {
			var typed *flax.Error
			require.True(t, errors.As(err, &typed), "%v", err)
			return
		}
		require.NotEmpty(t, file.Names())
		total := 0
		for _, name := range file.Names() {
			x, ok := file.Tensor(name)
			require.True(t, ok)
			require.Equal(t, name, x.Name)
			require.Equal(t, x.Elems()*x.DType.Bits(), len(x.Data)*8)
			total += len(x.Data)
			_ = safetensors.Float32s(make([]float32, x.Elems()), x, 0)
			_ = safetensors.Int64s(make([]int64, x.Elems()), x, 0)
		}
		require.LessOrEqual(t, total, len(data))
		require.NoError(t, file.Close())
	})
}
