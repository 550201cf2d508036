package checkpoint_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/vkdual/vkdual/serialize/checkpoint"
	"github.com/vkdual/vkdual/serialize/internal/allocs"
	"github.com/vkdual/vkdual/serialize/safetensors"
)

const testdata = "../../testdata/"

func open(t *testing.T, fsys fs.FS) *checkpoint.Weights {
	w, err := checkpoint.OpenFS(fsys, "folder")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, w.Close()) })
	return w
}

func TestShardsHoldTheSameAsOneFile(t *testing.T) {
	one, err := checkpoint.Open(testdata + "models/vit-bert")
	require.NoError(t, err)
	defer one.Close()
	many := open(t, os.DirFS(testdata+"forms/sharded-safetensors"))
	require.Equal(t, one.Names(), many.Names())
	require.Equal(t, one.Names(), many.Unused())
	for i, name := range one.Names() {
		want, ok, err := one.Lookup(name)
		require.NoError(t, err)
		require.True(t, ok)
		got, ok, err := many.Lookup(name)
		require.NoError(t, err)
		require.True(t, ok)
		require.Equal(t, want, got)
		require.Len(t, many.Unused(), len(one.Names())-i-1)
	}
	_, ok, err := many.Lookup("absent")
	require.NoError(t, err)
	require.False(t, ok)
}

// The TensorFlow file of a model holds its numbers, by PyTorch's names and in its
// layouts; so does one whose variables are tensors of a safetensors file, in shards too.
func TestTensorFlow(t *testing.T) {
	pt := open(t, os.DirFS(testdata+"models/vit-bert"))
	h5 := open(t, os.DirFS(testdata+"forms/tf"))
	require.Equal(t, pt.Names(), h5.Names())
	for _, name := range pt.Names() {
		x, _, err := pt.Lookup(name)
		require.NoError(t, err)
		y, ok, err := h5.Lookup(name)
		require.NoError(t, err)
		require.True(t, ok)
		require.Equal(t, name, y.Name)
		if name != "logit_scale" { // [1] there
			require.Equal(t, x.Shape, y.Shape, name)
		}
		want, got := make([]float32, x.Elems()), make([]float32, x.Elems())
		require.NoError(t, safetensors.Float32s(want, x, 0))
		require.NoError(t, safetensors.Float32s(got, y, 0))
		require.Equal(t, want, got, name)
	}
}

// A safetensors file says in its metadata whose names and layouts it has.
func TestSafetensorsOfOtherFrameworks(t *testing.T) {
	kernel := []float32{1, 2, 3, 4, 5, 6}
	for format, names := range map[string][2]string{
		"tf":   {"text_model/bert/pooler/dense/kernel:0", "text_model.pooler.dense.weight"},
		"flax": {"text_model.pooler.dense.kernel", "text_model.pooler.dense.weight"},
		"pt":   {"text_model.pooler.dense.kernel", "text_model.pooler.dense.kernel"},
	} {
		var out bytes.Buffer
		require.NoError(t, safetensors.Write(&out, []safetensors.Tensor{safetensors.FromFloat32s(names[0], kernel, 2, 3)}, map[string]string{"format": format}))
		w := open(t, fstest.MapFS{"model.safetensors": {Data: out.Bytes()}})
		x, ok, err := w.Lookup(names[1])
		require.NoError(t, err)
		require.True(t, ok, format)
		var got [6]float32
		require.NoError(t, safetensors.Float32s(got[:], x, 0))
		if format == "pt" {
			require.Equal(t, kernel, got[:])
		} else {
			require.Equal(t, []int{3, 2}, x.Shape)
			require.Equal(t, [6]float32{1, 4, 2, 5, 3, 6}, got)
		}
	}
	var out bytes.Buffer
	require.NoError(t, safetensors.Write(&out, []safetensors.Tensor{safetensors.FromFloat32s("a.scale", kernel[:1]), safetensors.FromFloat32s("a.kernel", kernel[:1])}, map[string]string{"format": "flax"}))
	_, err := checkpoint.OpenFS(fstest.MapFS{"model.safetensors": {Data: out.Bytes()}}, "folder")
	require.ErrorContains(t, err, `"a.kernel" and "a.scale" both are PyTorch's "a.weight"`)
}

// Of several forms in one folder the one that transformers would take is read.
func TestPrecedence(t *testing.T) {
	folder := fstest.MapFS{"model.safetensors": weights(t, "safetensors")}
	add := func(path, from string) {
		data, err := os.ReadFile(testdata + "forms/" + from)
		require.NoError(t, err)
		folder[path] = &fstest.MapFile{Data: data}
	}
	add("pytorch_model.bin", "bin-legacy-gamma-beta/pytorch_model.bin")
	add("flax_model.msgpack", "flax/flax_model.msgpack")
	add("tf_model.h5", "tf/tf_model.h5")
	require.Equal(t, []string{"safetensors"}, open(t, folder).Names())
	delete(folder, "model.safetensors")
	require.Contains(t, open(t, folder).Names(), "text_model.embeddings.position_ids") // only the .bin has these
	require.NotContains(t, open(t, folder).Unused(), "text_model.embeddings.position_ids")
	require.Contains(t, open(t, folder).Names(), "text_model.embeddings.LayerNorm.weight")
	delete(folder, "pytorch_model.bin")
	names := open(t, folder).Names()
	delete(folder, "flax_model.msgpack")
	require.Equal(t, names, open(t, folder).Names())
	delete(folder, "tf_model.h5")
	_, err := checkpoint.OpenFS(folder, "folder")
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.ErrorContains(t, err, "want model.safetensors, model.safetensors.index.json, pytorch_model.bin, ")
}

func weights(t *testing.T, names ...string) *fstest.MapFile {
	var tensors []safetensors.Tensor
	for i, name := range names {
		tensors = append(tensors, safetensors.FromFloat32s(name, []float32{float32(i)}, 1))
	}
	var out bytes.Buffer
	require.NoError(t, safetensors.Write(&out, tensors, nil))
	return &fstest.MapFile{Data: out.Bytes()}
}

func TestOldNames(t *testing.T) {
	w := open(t, fstest.MapFS{"model.safetensors": weights(t,
		"a.LayerNorm.gamma", "a.LayerNorm.beta", "both.gamma", "both.weight", "gamma.inner", "embeddings.position_ids", "position_ids")})
	require.Equal(t, []string{"a.LayerNorm.bias", "a.LayerNorm.weight", "both.gamma", "both.weight", "embeddings.position_ids", "gamma.inner", "position_ids"}, w.Names())
	for name, want := range map[string]float32{"a.LayerNorm.weight": 0, "a.LayerNorm.bias": 1, "both.weight": 3} {
		tensor, ok, err := w.Lookup(name)
		require.NoError(t, err)
		require.True(t, ok, name)
		require.Equal(t, name, tensor.Name)
		var got [1]float32
		require.NoError(t, safetensors.Float32s(got[:], tensor, 0))
		require.Equal(t, want, got[0], name)
	}
	require.Equal(t, []string{"both.gamma", "gamma.inner"}, w.Unused())
}

func TestOtherForms(t *testing.T) {
	_, err := checkpoint.OpenFS(fstest.MapFS{"config.json": {}, "model.gguf": {}, "other.bin": {}}, "folder")
	var form *checkpoint.FormError
	require.True(t, errors.As(err, &form))
	require.Equal(t, []string{"other.bin", "model.gguf"}, form.Found)
	require.ErrorContains(t, err, "checkpoint: folder: found other.bin, model.gguf, want model.safetensors, ")

	_, err = checkpoint.OpenFS(fstest.MapFS{"config.json": {}}, "folder")
	require.ErrorIs(t, err, fs.ErrNotExist)
	_, err = checkpoint.Open(filepath.Join(t.TempDir(), "absent"))
	require.ErrorIs(t, err, fs.ErrNotExist)
	_, err = checkpoint.Open("checkpoint_test.go")
	require.ErrorContains(t, err, "is a file, want the folder")
	_, err = checkpoint.OpenFS(fstest.MapFS{"model.safetensors": {}}, "folder")
	var typed *safetensors.Error
	require.True(t, errors.As(err, &typed))
	require.ErrorContains(t, err, "checkpoint: folder: safetensors: model.safetensors: header length: the file is empty")
}

func TestBadIndex(t *testing.T) {
	for index, want := range map[string]string{
		``:                                 "bad JSON",
		`[]`:                               "want a JSON object",
		`{}`:                               "weight_map: missing or empty",
		`{"weight_map":{}}`:                "weight_map: missing or empty",
		`{"weight_map":[]}`:                "weight_map: want a JSON object",
		`{"weight_map":null}`:              "weight_map: want a JSON object",
		`{"weight_map":{"x":1}}`:           `tensor "x": want a file name, found "1"`,
		`{"weight_map":{"x":null}}`:        `tensor "x": want a file name, found "null"`,
		`{"weight_map":{"x":"s","x":"s"}}`: `key "x" occurs twice`,
		`{"weight_map":{"x":"s"},"weight_map":{"x":"s"}}`: `key "weight_map" occurs twice`,
		`{"weight_map":{"x":"../s"}}`:                     `shard "../s": want a file in the checkpoint's folder`,
		`{"weight_map":{"x":"a/../../s"}}`:                "want a file in the checkpoint's folder",
		`{"weight_map":{"x":"/etc/passwd"}}`:              "want a file in the checkpoint's folder",
		`{"weight_map":{"x":"C:\\s"}}`:                    "want a file in the checkpoint's folder",
		`{"weight_map":{"x":"..\\s"}}`:                    "want a file in the checkpoint's folder",
		`{"weight_map":{"x":""}}`:                         "want a file in the checkpoint's folder",
		`{"weight_map":{"x":"."}}`:                        "want a file in the checkpoint's folder",
		`{"weight_map":{"x":"absent"}}`:                   `tensor "x": shard: open absent: file does not exist`,
	} {
		_, err := checkpoint.OpenFS(fstest.MapFS{"model.safetensors.index.json": {Data: []byte(index)}}, "folder")
		require.ErrorContains(t, err, want, index)
		require.ErrorContains(t, err, "checkpoint: folder: model.safetensors.index.json: ", index)
	}
}

// Two names of another framework that are one of PyTorch's would be read in any order.
func TestAnIndexNamesATensorOnce(t *testing.T) {
	for form, names := range map[string]string{
		"flax_model.msgpack": `"a/kernel":"one","a/scale":"two"`, "tf_model.h5": `"m/bert/a/beta:0":"one","m/bert/a/bias:0":"two"`,
	} {
		index := form + ".index.json"
		_, err := checkpoint.OpenFS(fstest.MapFS{index: {Data: []byte(`{"weight_map":{` + names + `}}`)}, "one": {}, "two": {}}, "folder")
		require.ErrorContains(t, err, "checkpoint: folder: "+index+": ")
		require.ErrorContains(t, err, "both are PyTorch's")
	}
}

func TestShardFaultsNameTheShard(t *testing.T) {
	w := open(t, fstest.MapFS{
		"model.safetensors.index.json": {Data: []byte(`{"metadata":{"total_size":8},"weight_map":{"x":"sub/one","y":"two","z":"sub/one"}}`)},
		"sub/one":                      weights(t, "x"),
		"two":                          {Data: []byte("short")},
	})
	_, ok, err := w.Lookup("x")
	require.NoError(t, err)
	require.True(t, ok)
	_, _, err = w.Lookup("y")
	require.ErrorContains(t, err, "two: header length: the file has 5 bytes")
	_, _, err = w.Lookup("z")
	require.ErrorContains(t, err, `tensor "z" is said to be in sub/one, which lacks it`)
}

// No index makes a file outside the folder be opened, and none panics.
func FuzzIndex(f *testing.F) {
	f.Add([]byte(`{"metadata":{"total_size":4},"weight_map":{"x":"one","y.gamma":"one"}}`))
	f.Add([]byte(`{"weight_map":{"x":"..\\one","y":"../one"}}`))
	f.Add([]byte(`{"weight_map":{"x":"a//one","y":"./one","x":"one"}}`))
	for _, golden := range []string{"forms/sharded-safetensors/model.safetensors", "forms/sharded-bin/pytorch_model.bin", "public/clip-h-xlm-roberta-large/model.safetensors"} {
		index, err := os.ReadFile(testdata + golden + ".index.json")
		require.NoError(f, err)
		f.Add(index)
	}
	f.Add([]byte(`{"weight_map":{"m/bert/a_._0/kernel:0":"one","params/b/kernel":"one","old___c/gamma:0":"one"}}`))
	f.Fuzz(func(t *testing.T, index []byte) {
		one := weights(t, "x", "y.gamma")
		for _, form := range []string{"model.safetensors", "pytorch_model.bin", "flax_model.msgpack", "tf_model.h5"} {
			var w *checkpoint.Weights
			var err error
			require.LessOrEqual(t, allocs.Of(func() {
				w, err = checkpoint.OpenFS(guard{t, fstest.MapFS{form + ".index.json": {Data: index}, "one": one}}, "fuzz")
			}), allocs.Bound(len(index)))
			if err != nil {
				continue
			}
			for _, name := range w.Names() {
				tensor, ok, err := w.Lookup(name)
				if err == nil {
					require.True(t, ok)
					require.Equal(t, name, tensor.Name)
				}
			}
			require.Empty(t, w.Unused())
			require.NoError(t, w.Close())
		}
	})
}

// guard is a file system that fails the test where a path that leaves it is asked for.
// Whatever is called a shard there is the file "one".
type guard struct {
	t *testing.T
	fs.FS
}

func (g guard) Open(path string) (fs.File, error) {
	require.True(g.t, filepath.IsLocal(path) && !strings.ContainsAny(path, "\\:\x00"), "%q", path)
	if strings.Contains(path, "-of-0000") {
		path = "one"
	}
	return g.FS.Open(path)
}

func TestConcurrentLookups(t *testing.T) {
	w := open(t, os.DirFS(testdata+"forms/sharded-safetensors"))
	var group errgroup.Group
	for range 8 {
		group.Go(func() error {
			for _, name := range w.Names() {
				if _, ok, err := w.Lookup(name); err != nil || !ok {
					return fmt.Errorf("%s: %v, %w", name, ok, err)
				}
			}
			return nil
		})
	}
	require.NoError(t, group.Wait())
	require.Empty(t, w.Unused())
}
