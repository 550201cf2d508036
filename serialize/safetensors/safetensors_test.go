package safetensors_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/vkdual/vkdual/serialize/safetensors"
)

func goldenFiles(t testing.TB) []string {
	files, err := filepath.Glob("../../testdata/forms/*/*.safetensors")
	require.NoError(t, err)
	models, err := filepath.Glob("../../testdata/models/*/*.safetensors")
	require.NoError(t, err)
	files = append(files, models...)
	require.Greater(t, len(files), 10)
	return files
}

// Files that the format's own library wrote come out byte by byte when they
// are read and written again: that holds reader and writer to it at once.
func TestGoldenRoundTrip(t *testing.T) {
	for _, path := range goldenFiles(t) {
		f, err := safetensors.Open(path)
		require.NoError(t, err)
		var tensors []safetensors.Tensor
		for _, name := range f.Names() {
			tensor, ok := f.Tensor(name)
			require.True(t, ok)
			tensors = append([]safetensors.Tensor{tensor}, tensors...) // Write finds the order by itself
		}
		if len(f.Metadata()) > 1 {
			continue // their library writes these keys in the order of a hash
		}
		copied := filepath.Join(t.TempDir(), "copy")
		require.NoError(t, safetensors.WriteFile(copied, tensors, f.Metadata()))
		want, err := os.ReadFile(path)
		require.NoError(t, err)
		got, err := os.ReadFile(copied)
		require.NoError(t, err)
		require.True(t, bytes.Equal(want, got), "%s differs", path)
		require.NoError(t, f.Close())
	}
}

func TestAllWaysToOpen(t *testing.T) {
	const folder, name = "../../testdata/forms/safetensors-extras", "model.safetensors"
	data, err := os.ReadFile(filepath.Join(folder, name))
	require.NoError(t, err)
	mapped, err := safetensors.OpenFS(os.DirFS(folder), name)
	require.NoError(t, err)
	defer mapped.Close()
	read, err := safetensors.OpenFS(fstest.MapFS{name: {Data: data}}, name)
	require.NoError(t, err)
	require.Equal(t, mapped.Names(), read.Names())
	require.Equal(t, map[string]string{"format": "pt"}, read.Metadata())

	f8, ok := mapped.Tensor("extra.f8")
	require.True(t, ok)
	require.Equal(t, safetensors.F8E4M3, f8.DType)
	require.ErrorContains(t, safetensors.Float32s(make([]float32, 1), f8, 0), `tensor "extra.f8": is F8_E4M3, want one of F32`)

	numbers, _ := mapped.Tensor("extra.i64")
	got := make([]int64, 2)
	require.NoError(t, safetensors.Int64s(got, numbers, 1))
	require.Equal(t, []int64{1, 2}, got)
	require.ErrorContains(t, safetensors.Int64s(got, numbers, 2), "elements 2 to 4 wanted, it has 3")

	scale, _ := mapped.Tensor("logit_scale")
	require.Empty(t, scale.Shape)
	require.Equal(t, 1, scale.Elems())
}

// Every half and every bfloat16 against its definition.
func TestConvertExhaustively(t *testing.T) {
	data := make([]byte, 2<<16)
	for i := range 1 << 16 {
		binary.LittleEndian.PutUint16(data[2*i:], uint16(i))
	}
	half := safetensors.Tensor{Name: "h", DType: safetensors.F16, Shape: []int{1 << 16}, Data: data}
	brain := half
	brain.DType = safetensors.BF16
	gotHalf, gotBrain := make([]float32, 1<<16), make([]float32, 1<<16)
	require.NoError(t, safetensors.Float32s(gotHalf, half, 0))
	require.NoError(t, safetensors.Float32s(gotBrain, brain, 0))
	for i := range 1 << 16 {
		require.True(t, same(byDefinition(i, 5, 10), gotHalf[i]), "f16 %04x: %v", i, gotHalf[i])
		require.True(t, same(byDefinition(i, 8, 7), gotBrain[i]), "bf16 %04x: %v", i, gotBrain[i])
	}
}

// byDefinition is IEEE 754's formula for a binary format of these field widths.
func byDefinition(bits, exponentBits, fractionBits int) float64 {
	bias := 1<<(exponentBits-1) - 1
	exponent := bits >> fractionBits & (1<<exponentBits - 1)
	fraction := float64(bits&(1<<fractionBits-1)) / float64(int(1)<<fractionBits)
	var v float64
	switch {
	case exponent == 1<<exponentBits-1 && fraction != 0:
		return math.NaN()
	case exponent == 1<<exponentBits-1:
		v = math.Inf(1)
	case exponent == 0:
		v = math.Ldexp(fraction, 1-bias)
	default:
		v = math.Ldexp(1+fraction, exponent-bias)
	}
	if bits>>(exponentBits+fractionBits) != 0 {
		return math.Copysign(v, -1)
	}
	return v
}

func same(want float64, got float32) bool {
	if math.IsNaN(want) {
		return got != got
	}
	return math.Float64bits(want) == math.Float64bits(float64(got))
}

func TestConvertOthers(t *testing.T) {
	doubles := []float64{1.0 / 3, math.MaxFloat64, -5e-324, math.Inf(-1)}
	var data []byte
	for _, v := range doubles {
		data = binary.LittleEndian.AppendUint64(data, math.Float64bits(v))
	}
	tensor := safetensors.Tensor{Name: "d", DType: safetensors.F64, Shape: []int{2, 2}, Data: data}
	got := make([]float32, 3)
	require.NoError(t, safetensors.Float32s(got, tensor, 1))
	for i, v := range doubles[1:] {
		require.Equal(t, float32(v), got[i])
	}
	ones := bytes.Repeat([]byte{0xff}, 8)
	for dtype, want := range map[safetensors.DType]int64{
		safetensors.I8: -1, safetensors.I16: -1, safetensors.I32: -1, safetensors.I64: -1,
		safetensors.U8: 255, safetensors.U16: 65535, safetensors.U32: math.MaxUint32,
	} {
		n := 64 / dtype.Bits()
		got := make([]int64, n)
		require.NoError(t, safetensors.Int64s(got, safetensors.Tensor{DType: dtype, Shape: []int{n}, Data: ones}, 0), dtype)
		require.Equal(t, want, got[n-1], dtype)
	}
	err := safetensors.Int64s(make([]int64, 1), safetensors.Tensor{DType: safetensors.U64, Shape: []int{1}, Data: ones}, 0)
	require.ErrorContains(t, err, "18446744073709551615, more than an int64 holds")
}

// file builds a file with this header and n bytes of data.
func file(header string, n int) []byte {
	out := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(out, header...), make([]byte, n)...)
}

func TestLegalOddities(t *testing.T) {
	f, err := safetensors.Parse("odd", file(`{"__metadata__":null,"b":{"shape":[0,9223372036854775807,3],"data_offsets":[4,4],"dtype":"F64","more":1},
		"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"é \" \u0000":{"dtype":"F4","shape":[2,3],"data_offsets":[4,7]}}   `, 7))
	require.NoError(t, err)
	require.Equal(t, []string{"a", "b", "é \" \x00"}, f.Names())
	empty, _ := f.Tensor("b")
	require.Zero(t, empty.Elems())
	require.NoError(t, safetensors.Float32s(nil, empty, 0))
	require.Empty(t, empty.Data)

	f, err = safetensors.Parse("none", file(`{}`, 0))
	require.NoError(t, err)
	require.Empty(t, f.Names())
}

func TestBadFiles(t *testing.T) {
	one := func(shape, dtype, offsets string, n int) []byte {
		return file(`{"x":{"dtype":"`+dtype+`","shape":`+shape+`,"data_offsets":`+offsets+`}}`, n)
	}
	two := func(first, second string, n int) []byte {
		return file(`{"x":{"dtype":"U8","shape":[4],"data_offsets":`+first+`},"y":{"dtype":"U8","shape":[4],"data_offsets":`+second+`}}`, n)
	}
	long := func(n uint64) []byte { return append(binary.LittleEndian.AppendUint64(nil, n), `{}`...) }
	whole := one("[2]", "F32", "[0,8]", 8)
	for _, c := range []struct {
		name string
		data []byte
		want string
	}{
		{"empty", nil, "header length: the file is empty"},
		{"seven bytes", whole[:7], "header length: the file has 7 bytes"},
		{"header cut", whole[:20], "header length: 54 bytes stated, 12 follow"},
		{"data cut", whole[:len(whole)-1], `tensor "x": offsets [0 8] end past the data's 7 bytes`},
		{"2^63", long(1 << 63), "header length: 9223372036854775808 bytes stated"},
		{"2^64-1", long(math.MaxUint64), "header length: 18446744073709551615 bytes stated"},
		{"huge", long(100_000_001), "header length: 100000001 bytes stated, at most 100000000"},
		{"Git LFS", []byte("version https://git-lfs.github.com/spec/v1\noid sha256:0\n"), "git lfs pull"},
		{"no header", long(0), "header: want a JSON object at byte 8"},
		{"array", file(`[]`, 0), "header: want a JSON object at byte 8"},
		{"leading space", file(` {}`, 0), "header: want a JSON object at byte 8"},
		{"bad JSON", file(`{"x":}`, 0), "header: not the object of tensors that the format wants: bad JSON at byte 6"},
		{"two values", file(`{}{}`, 0), "bad JSON at byte 3"},
		{"not UTF-8", file("{\"\xff\":1}", 0), "byte 2 (0xff) is not UTF-8"},
		{"name twice", file(`{"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"\u0078":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}`, 2), `key "x" occurs twice`},
		{"field twice", file(`{"x":{"dtype":"U8","shape":[1],"shape":[1],"data_offsets":[0,1]}}`, 1), `key "shape" occurs twice`},
		{"metadata twice", file(`{"__metadata__":{"a":"1","a":"2"}}`, 0), `__metadata__: key "a" occurs twice`},
		{"metadata number", file(`{"__metadata__":{"a":1}}`, 0), `__metadata__: key "a": want a string, found "1"`},
		{"entry is a list", file(`{"x":[]}`, 0), `tensor "x": want dtype, shape and data_offsets: want a JSON object`},
		{"no dtype", file(`{"x":{"shape":[],"data_offsets":[0,0]}}`, 0), `tensor "x": want dtype, shape and data_offsets: no dtype`},
		{"no shape", file(`{"x":{"dtype":"U8","data_offsets":[0,1]}}`, 1), "no shape"},
		{"no offsets", file(`{"x":{"dtype":"U8","shape":[]}}`, 1), "no data_offsets"},
		{"unknown dtype", one("[1]", "F33", "[0,4]", 4), `dtype "\"F33\"" is none of the format's`},
		{"negative dimension", one("[-1]", "U8", "[0,1]", 1), `shape: want whole numbers from 0 to 2^64-1, found "-1"`},
		{"fraction", one("[1.0]", "U8", "[0,1]", 1), `found "1.0"`},
		{"text dimension", one(`["1"]`, "U8", "[0,1]", 1), "shape: want numbers"},
		{"null shape", one("null", "U8", "[0,1]", 1), "shape: want an array"},
		{"dimension of 2^63", one("[9223372036854775808]", "U8", "[0,1]", 1), "more than this machine can count"},
		{"dimension of 2^64", one("[18446744073709551616]", "U8", "[0,1]", 1), "want whole numbers from 0 to 2^64-1"},
		{"product overflows", one("[4294967296,4294967296,1]", "U8", "[0,0]", 0), "no whole number of bytes that a file can have"},
		{"bytes overflow", one("[2305843009213693952]", "F64", "[0,0]", 0), "no whole number of bytes that a file can have"},
		{"half a byte", one("[3]", "F4", "[0,1]", 1), "no whole number of bytes that a file can have"},
		{"one offset", one("[1]", "U8", "[0]", 1), "data_offsets: want [start, end]"},
		{"negative offset", one("[1]", "U8", "[-1,0]", 1), "data_offsets: want whole numbers"},
		{"reversed", one("[1]", "U8", "[1,0]", 1), `tensor "x": offsets [1 0] run backwards`},
		{"out of range", one("[4]", "U8", "[0,4]", 3), "end past the data's 3 bytes"},
		{"far out of range", one("[4]", "U8", "[18446744073709551611,18446744073709551615]", 4), "end past the data's 4 bytes"},
		{"wrong length", one("[3]", "F16", "[0,4]", 4), "shape [3] of F16 takes 6 bytes, offsets [0 4] hold 4"},
		{"overlap", two("[0,4]", "[3,7]", 7), `tensor "y": offsets [3 7] overlap tensor "x", which ends at 4`},
		{"same place", two("[0,4]", "[0,4]", 4), "overlap"},
		{"gap", two("[5,9]", "[0,4]", 9), `tensor "x": offsets [5 9] leave a gap: tensor "y" ends at 4`},
		{"gap at the start", one("[1]", "U8", "[1,2]", 2), "leave a gap: the start of the data ends at 0"},
		{"rest", one("[1]", "U8", "[0,1]", 3), "data: 2 bytes follow the last tensor"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "bad.safetensors")
			require.NoError(t, os.WriteFile(path, c.data, 0o600))
			_, err := safetensors.Open(path)
			var typed *safetensors.Error
			require.True(t, errors.As(err, &typed), "%v", err)
			require.Equal(t, path, typed.File)
			require.ErrorContains(t, err, c.want)
			require.Equal(t, 1, strings.Count(err.Error(), path), err)
		})
	}
	_, err := safetensors.Open(t.TempDir())
	require.ErrorContains(t, err, "is a folder")
	_, err = safetensors.Open(filepath.Join(t.TempDir(), "absent"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestWriteRefuses(t *testing.T) {
	good := safetensors.FromFloat32s("x", []float32{1, 2}, 2)
	for want, tensors := range map[string][]safetensors.Tensor{
		`two tensors are named "x"`:       {good, good},
		"8 bytes do not make shape [3]":   {safetensors.FromFloat32s("x", []float32{1, 2}, 3)},
		"shape [-1 -2] has a negative":    {safetensors.FromFloat32s("x", []float32{1, 2}, -1, -2)},
		`dtype "F31" is none`:             {{Name: "x", DType: "F31"}},
		`cannot be named "__metadata__"`:  {safetensors.FromFloat32s("__metadata__", []float32{1}, 1)},
		"4 bytes do not make shape [2 0]": {safetensors.FromFloat32s("x", []float32{1}, 2, 0)},
	} {
		var out bytes.Buffer
		require.ErrorContains(t, safetensors.Write(&out, tensors, nil), want)
		require.Zero(t, out.Len())
	}
	path := filepath.Join(t.TempDir(), "out")
	require.NoError(t, os.WriteFile(path, []byte("old"), 0o600))
	require.Error(t, safetensors.WriteFile(path, []safetensors.Tensor{good, good}, nil))
	old, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "old", string(old))
}

// A mapped file shows what is written to it later: so its bytes are not copied
// to the heap, on either way to a file of the system.
func TestFilesAreMapped(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "x")
	require.NoError(t, safetensors.WriteFile(path, []safetensors.Tensor{safetensors.FromFloat32s("x", []float32{1}, 1)}, nil))
	direct, err := safetensors.Open(path)
	require.NoError(t, err)
	defer direct.Close()
	through, err := safetensors.OpenFS(os.DirFS(folder), "x")
	require.NoError(t, err)
	defer through.Close()

	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	require.NoError(t, err)
	info, err := f.Stat()
	require.NoError(t, err)
	_, err = f.WriteAt([]byte{0, 0, 0, 0x40}, info.Size()-4) // 2
	require.NoError(t, err)
	require.NoError(t, f.Close())
	for _, file := range []*safetensors.File{direct, through} {
		tensor, _ := file.Tensor("x")
		var got [1]float32
		require.NoError(t, safetensors.Float32s(got[:], tensor, 0))
		require.Equal(t, float32(2), got[0])
	}
}
