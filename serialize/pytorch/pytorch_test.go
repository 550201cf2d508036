package pytorch_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/vkdual/vkdual/serialize/internal/allocs"
	"github.com/vkdual/vkdual/serialize/pytorch"
	"github.com/vkdual/vkdual/serialize/safetensors"
)

const forms = "../../testdata/forms/"

func floats(t testing.TB, x safetensors.Tensor) []float32 {
	out := make([]float32, x.Elems())
	require.NoError(t, safetensors.Float32s(out, x, 0))
	return out
}

// Every file of a model holds its numbers, and no tensor is a copy.
func TestFilesHoldTheModelsNumbers(t *testing.T) {
	model, err := safetensors.Open("../../testdata/models/vit-bert/model.safetensors")
	require.NoError(t, err)
	defer model.Close()
	for _, form := range []string{"bin-zip", "bin-views"} {
		f, err := pytorch.OpenFS(os.DirFS(forms+form), "pytorch_model.bin")
		require.NoError(t, err)
		require.ElementsMatch(t, model.Names(), f.Names())
		strided := 0
		for _, name := range f.Names() {
			got, ok := f.Tensor(name)
			require.True(t, ok)
			want, _ := model.Tensor(name)
			require.Equal(t, want.Shape, got.Shape, name)
			require.Equal(t, floats(t, want), floats(t, got), name)
			if got.Strides != nil {
				strided++
			}
		}
		require.Equal(t, map[string]int{"bin-zip": 0, "bin-views": 1}[form], strided)
		require.NoError(t, f.Close())
	}
}

func TestLegacyFile(t *testing.T) {
	f, err := pytorch.OpenFS(os.DirFS(forms+"bin-legacy-gamma-beta"), "pytorch_model.bin")
	require.NoError(t, err)
	defer f.Close()
	ids, ok := f.Tensor("text_model.embeddings.position_ids")
	require.True(t, ok)
	require.Equal(t, []int{1, 40}, ids.Shape)
	var got [40]int64
	require.NoError(t, safetensors.Int64s(got[:], ids, 0))
	require.Equal(t, int64(39), got[39])
	_, ok = f.Tensor("text_model.embeddings.LayerNorm.gamma")
	require.True(t, ok)
}

func TestAFunctionIsRefusedByName(t *testing.T) {
	_, err := pytorch.OpenFS(os.DirFS(forms+"bin-evil"), "pytorch_model.bin")
	var global *pytorch.GlobalError
	require.True(t, errors.As(err, &global), "%v", err)
	require.Equal(t, "posix.system", global.Name)
	require.ErrorContains(t, err, "pytorch: pytorch_model.bin: data.pkl at byte 197: not the pickle of a state dict: the pickle asks for posix.system")
	for _, code := range []string{
		"cbuiltins\neval\n(X\x01\x00\x00\x001tR.",
		"\x80\x04\x8c\x02os\x8c\x06system\x93.",
		"ctorch.storage\n_load_from_bytes\n)R.",
		"cnumpy.core.multiarray\n_reconstruct\n.",
		"ctorch._utils\n_rebuild_sparse_tensor\n.",
		"ctorch\nload\n.", "ctorch.hub\nload\n.", "c__builtin__\ngetattr\n.", "ctorch\nEvilStorage\n.",
		"(Vtouch x\nios\nsystem\n.", "(cos\nsystem\nVtouch x\no.", "cnumpy.core.multiarray\nscalar\n.",
	} {
		_, err := pytorch.Parse("x", archive(code))
		require.True(t, errors.As(err, &global), "%q: %v", code, err)
	}
}

// archive is a file of torch.save with this pickle and these storages.
func archive(pickle string, storages ...string) []byte {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	add := func(name, body string) {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name})
		if err == nil {
			_, err = w.Write([]byte(body))
		}
		if err != nil {
			panic(err)
		}
	}
	add("m/data.pkl", pickle)
	add("m/byteorder", "little")
	for i, s := range storages {
		add(fmt.Sprintf("m/data/%d", i), s)
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return out.Bytes()
}

// tensorPickle is the pickle of {"x": tensor of storage 0}.
func tensorPickle(class string, elems, offset uint32, shape, strides []uint32) string {
	number := func(n uint32) string { return "J" + string(binary.LittleEndian.AppendUint32(nil, n)) }
	numbers := func(ns []uint32) string {
		text := "("
		for _, n := range ns {
			text += number(n)
		}
		return text + "t"
	}
	return "\x80\x02}U\x01xctorch._utils\n_rebuild_tensor_v2\n((U\x07storagectorch\n" + class + "\nU\x010U\x03cpu" + number(elems) + "tQ" +
		number(offset) + numbers(shape) + numbers(strides) + "\x89}tRs."
}

// parts of f32 1, 2, … as bytes.
func parts(n int) string {
	var b []byte
	for i := range n {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(float32(i+1)))
	}
	return string(b)
}

func TestViews(t *testing.T) {
	type ns = []uint32
	for _, c := range []struct {
		offset         uint32
		shape, strides ns
		want           []float32
	}{
		{0, ns{}, ns{}, []float32{1}},
		{11, ns{}, ns{}, []float32{12}},
		{0, ns{3, 4}, ns{4, 1}, []float32{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}},
		{0, ns{4, 3}, ns{1, 4}, []float32{1, 5, 9, 2, 6, 10, 3, 7, 11, 4, 8, 12}},
		{1, ns{2, 1, 2}, ns{6, 99, 2}, []float32{2, 4, 8, 10}},
		{5, ns{2, 2}, ns{0, 1}, []float32{6, 7, 6, 7}},
		{0, ns{0, 5}, ns{5, 1}, []float32{}},
	} {
		f, err := pytorch.Parse("x", archive(tensorPickle("FloatStorage", 12, c.offset, c.shape, c.strides), parts(12)))
		require.NoError(t, err)
		x, ok := f.Tensor("x")
		require.True(t, ok)
		require.Equal(t, c.want, floats(t, x), "%v", c)
		for from := range c.want { // every range, also those that begin within a row
			tail := make([]float32, len(c.want)-from)
			require.NoError(t, safetensors.Float32s(tail, x, from))
			require.Equal(t, c.want[from:], tail, "%v from %d", c, from)
		}
		var out bytes.Buffer
		require.NoError(t, safetensors.Write(&out, []safetensors.Tensor{x}, nil))
		again, err := safetensors.Parse("again", out.Bytes())
		require.NoError(t, err)
		y, _ := again.Tensor("x")
		require.Equal(t, c.want, floats(t, y))
		require.Equal(t, x.Shape, y.Shape)
	}
	for _, c := range []struct {
		elems, offset  uint32
		shape, strides ns
		want           string
	}{
		{12, 12, ns{1}, ns{1}, "leave the storage"},
		{12, 0, ns{3, 4}, ns{5, 1}, "leave the storage"},
		{12, 0, ns{1 << 30, 1 << 30, 1 << 30}, ns{0, 0, 0}, "leave the storage"},
		{12, 0, ns{1 << 30}, ns{0}, "more elements than the file has bytes"},
		{12, 0, ns{2}, ns{0xffffffff}, "strides: found -1, want an integer from 0 on"},
		{12, 0, ns{0xffffffff}, ns{1}, "shape: found -1"},
		{12, 0xffffffff, ns{1}, ns{1}, "offset: found -1"},
		{12, 0, ns{1, 1}, ns{1}, "want as many of one as of the other"},
		{13, 0, ns{1}, ns{1}, "entry m/data/0 has 48 bytes, want 52"},
		{0x7fffffff, 0, ns{1}, ns{1}, "entry m/data/0 has 48 bytes"},
		{0xffffffff, 0, ns{1}, ns{1}, "-1 elements"},
	} {
		_, err := pytorch.Parse("x", archive(tensorPickle("FloatStorage", c.elems, c.offset, c.shape, c.strides), parts(12)))
		var typed *pytorch.Error
		require.True(t, errors.As(err, &typed), "%v", err)
		require.ErrorContains(t, err, c.want)
	}
}

// typedPickle has a storage of bytes with the type beside it, as newer types are saved.
const typedPickle = "\x80\x02}U\x01xctorch._utils\n_rebuild_tensor_v3\n((U\x07storagectorch.storage\nUntypedStorage\nU\x010U\x03cpuK\x08tQK\x01K\x03\x85K\x01\x85\x89}ctorch\nuint16\ntRs."

func TestElementTypes(t *testing.T) {
	for class, want := range map[string]safetensors.DType{"HalfStorage": "F16", "BFloat16Storage": "BF16", "DoubleStorage": "F64", "LongStorage": "I64",
		"IntStorage": "I32", "ShortStorage": "I16", "CharStorage": "I8", "ByteStorage": "U8", "BoolStorage": "BOOL"} {
		f, err := pytorch.Parse("x", archive(tensorPickle(class, 2, 1, []uint32{1}, []uint32{1}), string(make([]byte, want.Bits()/4))))
		require.NoError(t, err, class)
		x, _ := f.Tensor("x")
		require.Equal(t, want, x.DType)
		require.Len(t, x.Data, want.Bits()/8)
	}
	f, err := pytorch.Parse("x", archive(typedPickle, "\x01\x00\x02\x00\x03\x00\x04\x00"))
	require.NoError(t, err)
	x, _ := f.Tensor("x")
	var got [3]int64
	require.NoError(t, safetensors.Int64s(got[:], x, 0))
	require.Equal(t, [3]int64{2, 3, 4}, got)
}

// No tensor is a copy: what changes in the file changes in them.
func TestTensorsLieInTheFile(t *testing.T) {
	data, err := os.ReadFile(forms + "bin-views/pytorch_model.bin")
	require.NoError(t, err)
	f, err := pytorch.Parse("x", data)
	require.NoError(t, err)
	clear(data)
	for _, name := range f.Names() {
		x, _ := f.Tensor(name)
		require.NotEmpty(t, x.Data)
		require.Empty(t, bytes.Trim(x.Data, "\x00"), name)
	}
}

func TestWrongFiles(t *testing.T) {
	good := archive(tensorPickle("FloatStorage", 1, 0, []uint32{1}, []uint32{1}), parts(1))
	legacy, err := os.ReadFile(forms + "bin-legacy-gamma-beta/pytorch_model.bin")
	require.NoError(t, err)
	pickle := func(code string) []byte { return archive(code) }
	named := func(names ...string) []byte {
		var out bytes.Buffer
		z := zip.NewWriter(&out)
		for _, n := range names {
			_, err := z.CreateHeader(&zip.FileHeader{Name: n})
			require.NoError(t, err)
		}
		require.NoError(t, z.Close())
		return out.Bytes()
	}
	// directory changes the directory's entry of data.pkl, at that byte of it.
	directory := func(at int, value ...byte) []byte {
		b := bytes.Clone(good)
		copy(b[bytes.Index(b, []byte("PK\x01\x02"))+at:], value)
		return b
	}
	storage := func(id string) []byte { return pickle("(" + id + "tQ.") }
	deflated := func() []byte {
		var out bytes.Buffer
		z := zip.NewWriter(&out)
		w, _ := z.Create("m/data.pkl")
		_, _ = w.Write(make([]byte, 1<<20))
		require.NoError(t, z.Close())
		return out.Bytes()
	}
	for _, c := range []struct {
		data []byte
		want string
	}{
		{nil, "start: the file is empty"},
		{[]byte("version https://git-lfs.github.com/spec/v1\n"), "git lfs pull"},
		{[]byte("\x93NUMPY rest"), `found "\x93NUMPY r", want a zip archive or a pickle`},
		{good[:len(good)-30], "archive: the zip archive is damaged or cut short"},
		{named("m/data.pkl", "m/data.pkl"), `archive entry "m/data.pkl": occurs twice`},
		{named("m/data.pkl", "../x"), `archive entry "../x": its path leaves the archive`},
		{named("m/data.pkl", "/etc/x"), "its path leaves the archive"},
		{named("m/data.pkl", `m\..\..\x`), "its path leaves the archive"},
		{named("m/data.pkl", "m/../../x"), "its path leaves the archive"},
		{directory(20, 1, 0, 0, 0), "1 bytes stored for "},
		{directory(20, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff, 0x7f), "2147483647 bytes stored for 2147483647 from byte "},
		{directory(20, 0xff, 0, 0, 0, 0xff, 0, 0, 0), "lie over each other"},
		{directory(42, 0xff, 0xff, 0xff, 0x7f), "its header is damaged"},
		{directory(8, 1), "is compressed or encrypted"},
		{named("m/data.pkl", "n/data.pkl"), "want one pickle"},
		{named("m/x"), "without NAME/data.pkl"},
		{named("m/data.pkl", "m/constants.pkl"), "a TorchScript program"},
		{deflated(), "is compressed"},
		{pickle(""), "data.pkl at byte 0: not the pickle of a state dict: the pickle is cut short"},
		{pickle("\x80\x06."), "protocol 6, want at most 5"},
		{pickle("."), "the stack has nothing for this opcode"},
		{pickle("K\x01."), "data.pkl: found 1, want a dict of names and tensors"},
		{pickle("}."), "no tensor in it"},
		{pickle("}K\x01K\x02s."), "no tensor in it"},
		{pickle("}U\x01ah\x07s."), "value 7 was never remembered"},
		{pickle("\x82\x01."), "opcode 0x82"},
		{pickle("}K\x01tR."), "the stack has nothing"},
		{pickle("K\x01)R."), "call of 1 with a tuple of 0"},
		{pickle("X\xff\xff\xff\xff."), "cut short"},
		{pickle("\x8d\xff\xff\xff\xff\xff\xff\xff\xff."), "cut short"},
		{pickle("\x8a\xff."), "cut short"},
		{pickle("K\x01Q."), `found 1, want ("storage"`},
		{pickle("P0\n."), "opcode 0x50"},
		{pickle("\x8b\xff\xff\xff\x7f."), "opcode 0x8b"},
		{pickle("(icollections\nOrderedDict\n."), "opcode 0x69"},
		{pickle("\x8a\x21" + strings.Repeat("\x01", 33) + "."), "an integer of 33 bytes"},
		{storage("U\x07storagectorch\nFloatStorage\nU\x010U\x03cpu"), "found a tuple of 4"},
		{storage("U\x07storagectorch\nFloatStorage\nU\x010U\x03cpuK\x01NN"), "found a tuple of 7"},
		{storage("U\x06modulectorch\nFloatStorage\nU\x010U\x03cpuK\x01"), "found a tuple of 5"},
		{storage("U\x07storageccollections\nOrderedDict\nU\x010U\x03cpuK\x01"), "found collections.OrderedDict, want a class of storages"},
		{storage("U\x07storagectorch\nFloatStorage\nK\x00U\x03cpuK\x01"), "found 0, want a storage's key"},
		{storage("U\x07storagectorch\nFloatStorage\nU\x05../..U\x03cpuK\x01"), "no entry m/data/../.."},
		{storage("U\x07storagectorch\nFloatStorage\nU\x010U\x03cpu\x88"), "true elements, want their number"},
		{storage("U\x07storagectorch\nFloatStorage\nU\x010U\x03cpu\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f"), "exceed this machine's address space"},
		{storage("U\x07storagectorch\nFloatStorage\nU\x010U\x03cpuK\x01)"), "is a view of another"},
		{legacy[:100], "cut short"},
		{legacy[:len(legacy)-1], "the file is cut short"},
		{append([]byte("\x80\x02K\x01."), legacy[15:]...), "magic number: found 1, want the pickle of 1950a86a20f9469cfc6c"},
		{bytes.Replace(legacy, []byte("little_endian\x71\x02\x88"), []byte("little_endian\x71\x02\x89"), 1), "a machine of another byte order"},
		{bytes.Replace(good, []byte("little"), []byte("bigbig"), 1), `byte order "bigbig", want "little"`},
	} {
		_, err := pytorch.Parse("file", c.data)
		var typed *pytorch.Error
		require.True(t, errors.As(err, &typed), "%q: %v", c.want, err)
		require.ErrorContains(t, err, "pytorch: file: ")
		require.ErrorContains(t, err, c.want)
	}
}

// A pickle that refers to itself, or claims more than it has, stays within bounds.
func TestBounds(t *testing.T) {
	_, err := pytorch.Parse("x", archive("]q\x00h\x00a}q\x01X\x01\x00\x00\x00ah\x01s."))
	require.Error(t, err)
	_, err = pytorch.Parse("x", archive(string(bytes.Repeat([]byte("N"), 1<<20+2))))
	require.ErrorContains(t, err, "values at once")
	_, err = pytorch.Parse("x", archive("("+string(bytes.Repeat([]byte("]0"), 1<<22+1))))
	require.ErrorContains(t, err, "in all")
	for _, bomb := range []string{
		"]q\x00" + strings.Repeat("(h\x00h\x00lq\x00", 1<<18) + ".", // 2^(2^18) lists, were they walked
		")" + strings.Repeat("\x85", 1<<20) + ".",                   // as deep
		"(" + strings.Repeat("h\x00", 1<<10) + "t.",                 // of what was never remembered
		strings.Repeat("\x80\x02]\x94}\x94)\x94(\x91", 1<<10) + ".", // ends in an opcode that there is none
	} {
		data := archive(bomb)
		require.LessOrEqual(t, allocs.Of(func() { _, err = pytorch.Parse("x", data) }), allocs.Bound(len(data)))
		var typed *pytorch.Error
		require.True(t, errors.As(err, &typed), "%v", err)
	}
	// A long name costs two bytes each time that it is repeated.
	name := "X\x00\x00\x10\x00" + strings.Repeat("x", 1<<20)
	tensor := strings.TrimSuffix(strings.TrimPrefix(tensorPickle("FloatStorage", 1, 0, []uint32{1}, []uint32{1}), "\x80\x02}U\x01x"), "s.")
	_, err = pytorch.Parse("x", archive(name+"q\x000"+tensor+"q\x010}("+strings.Repeat("h\x00h\x01", 1<<18)+"u.", parts(1)))
	require.ErrorContains(t, err, "want a name of at most 1000 bytes")
	_, err = pytorch.Parse("x", archive("(U\x07storagectorch\nFloatStorage\n"+name+"U\x03cpuK\x01tQ.", parts(1)))
	require.ErrorContains(t, err, "want a storage's key of at most 1000 bytes")
	require.Less(t, len(err.Error()), 1000)
}
