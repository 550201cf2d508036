package dualencoder

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
	"github.com/vkdual/vkdual/dualencoder/config"
	"github.com/vkdual/vkdual/dualencoder/weights"
	"github.com/vkdual/vkdual/serialize/safetensors"
)

// Names, shapes and order of every class's tensors, against transformers' own
// state dicts.
func TestParametersAreThoseOfTheClass(t *testing.T) {
	packed, err := os.Open("../testdata/state_dicts.json.gz")
	require.NoError(t, err)
	defer packed.Close()
	text, err := gzip.NewReader(packed)
	require.NoError(t, err)
	var want map[string][]string
	require.NoError(t, json.NewDecoder(text).Decode(&want))
	require.Greater(t, len(want), 90)
	for name, tensors := range want {
		cfg, err := config.Load(os.DirFS(filepath.Join(models, name)), name)
		require.NoError(t, err)
		all, err := parameters(cfg, nothing{}, weights.Options{Draw: func(name string, shape []int) (weights.Stored, bool) {
			return start(cfg, name, shape).Draw(0, name, shape), true
		}})
		require.NoError(t, err, name)
		got := make([]string, len(all))
		for i, p := range all {
			shape, err := json.Marshal(p.Shape)
			require.NoError(t, err)
			got[i] = p.Name + " " + strings.ReplaceAll(string(shape), ",", ", ")
		}
		require.Equal(t, tensors, got, name)
	}
}

func convert(t testing.TB, from string, opt SaveOptions) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "out")
	require.NoError(t, Convert(context.Background(), os.DirFS(from), from, dir, opt))
	return dir
}

func requireSameFiles(t testing.TB, want, got string) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(want, "model*"))
	require.NoError(t, err)
	require.NotEmpty(t, names)
	made, err := filepath.Glob(filepath.Join(got, "model*"))
	require.NoError(t, err)
	require.Len(t, made, len(names))
	for _, n := range names {
		w, err := os.ReadFile(n)
		require.NoError(t, err)
		g, err := os.ReadFile(filepath.Join(got, filepath.Base(n)))
		require.NoError(t, err)
		require.True(t, bytes.Equal(w, g), n)
	}
}

// The files in testdata were written by save_pretrained.
func TestConvertWritesWhatSavePretrainedWrites(t *testing.T) {
	for _, name := range []string{"vit-bert", "clip-roberta", "swin-mpnet", "vit-ibert", "vit-xmod", "yolos-mobilebert", "clip", "siglip"} {
		requireSameFiles(t, filepath.Join(models, name), convert(t, filepath.Join(models, name), SaveOptions{}))
	}
	forms := filepath.Join(models, "..", "forms")
	for _, form := range []string{"bin-zip", "bin-views", "bin-legacy-gamma-beta", "sharded-bin", "sharded-safetensors", "safetensors-extras", "flax", "tf"} {
		requireSameFiles(t, filepath.Join(models, "vit-bert"), convert(t, filepath.Join(forms, form), SaveOptions{}))
	}
	requireSameFiles(t, filepath.Join(forms, "sharded-safetensors"), convert(t, filepath.Join(models, "vit-bert"), SaveOptions{MaxShard: 60_000}))
	for form, dtype := range map[string]safetensors.DType{"safetensors-f16": safetensors.F16, "safetensors-bf16": safetensors.BF16} {
		dir := convert(t, filepath.Join(models, "vit-bert"), SaveOptions{DType: dtype})
		requireSameFiles(t, filepath.Join(forms, form), dir)
		requireSameFiles(t, dir, convert(t, dir, SaveOptions{}))
		require.Contains(t, string(part(t, dir, "torch_dtype")), "float16")
	}
}

// Old spellings become those of today, buffers that nobody saves any more go,
// and logit_scale loses the dimension that TensorFlow gives it.
func TestConvertNormalisesOldCheckpoints(t *testing.T) {
	for _, name := range []string{"extra-old-names", "extra-position-ids"} {
		f := openReference(t, filepath.Join(convert(t, filepath.Join(models, name), SaveOptions{}), "model.safetensors"))
		for _, n := range f.Names() {
			require.False(t, strings.HasSuffix(n, "gamma") || strings.HasSuffix(n, "beta") || strings.HasSuffix(n, "position_ids"), n)
		}
	}
	dir := filepath.Join(t.TempDir(), "out")
	require.NoError(t, Convert(context.Background(), changed(t, func(x *safetensors.Tensor) bool {
		if x.Name == logitScale {
			x.Shape = []int{1}
		}
		return true
	}), "old", dir, SaveOptions{}))
	requireSameFiles(t, filepath.Join(models, "vit-bert"), dir)
}

func TestConvertKeepsWhatItDoesNotKnow(t *testing.T) {
	fsys := changed(t, func(*safetensors.Tensor) bool { return true }).(fstest.MapFS)
	fsys["config.json"] = &fstest.MapFile{Data: bytes.Replace(fsys["config.json"].Data, []byte("{"), []byte(`{"mine": {"é": [1.50, NaN, null]}, `), 1)}
	fsys["config.json"].Data = bytes.Replace(fsys["config.json"].Data, []byte(`"vision_config": {`), []byte(`"vision_config": {"own": 12345678901234567890, `), 1)
	fsys["vocab.txt"] = &fstest.MapFile{Data: []byte("[PAD]\n")}
	fsys["preprocessor_config.json"] = &fstest.MapFile{Data: []byte(`{"size": 30}`)}
	fsys["README.md"] = &fstest.MapFile{Data: []byte("of another model")}
	dir := filepath.Join(t.TempDir(), "out")
	require.NoError(t, Convert(context.Background(), fsys, "in", dir, SaveOptions{}))
	text, err := os.ReadFile(filepath.Join(dir, "config.json"))
	require.NoError(t, err)
	require.Contains(t, strings.Join(strings.Fields(string(text)), " "), `"mine": { "é": [ 1.50, NaN, null ] }`)
	require.Contains(t, string(text), `"own": 12345678901234567890`)
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	require.Equal(t, []string{"config.json", "model.safetensors", "preprocessor_config.json", "vocab.txt"}, names)
}

func TestConvertRefusesHalfAModel(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	var missing *MissingWeightError
	err := Convert(context.Background(), changed(t, func(x *safetensors.Tensor) bool { return !strings.Contains(x.Name, "layer.1.output.dense") }), "some/folder", out, SaveOptions{})
	require.ErrorAs(t, err, &missing)
	require.ErrorContains(t, err, "some/folder")
	err = Convert(context.Background(), changed(t, func(x *safetensors.Tensor) bool { return !strings.Contains(x.Name, ".pooler.") }), "some/folder", out, SaveOptions{})
	require.ErrorContains(t, err, "saved without a pooler")
	err = Convert(context.Background(), changed(t, func(x *safetensors.Tensor) bool {
		if strings.HasSuffix(x.Name, "layernorm.weight") {
			x.Data = slices.Clone(x.Data)
			copy(x.Data, []byte{0, 0, 0x80, 0x47}) // 65536
		}
		return true
	}), "some/folder", out, SaveOptions{DType: safetensors.F16})
	require.ErrorContains(t, err, "element 0 is 65536, more than F16 holds")
	ended, end := context.WithCancel(context.Background())
	end()
	require.ErrorIs(t, Convert(ended, os.DirFS(filepath.Join(models, "vit-bert")), "vit-bert", out, SaveOptions{}), context.Canceled)
	entries, err := os.ReadDir(filepath.Dir(out))
	require.NoError(t, err)
	require.Empty(t, entries, "nothing is left of what failed")
}

// towerFolder is one side of vit-bert as a checkpoint of its own, with the names
// that rename gives.
func towerFolder(t testing.TB, side string, rename func(string) string) fstest.MapFS {
	t.Helper()
	fsys := changed(t, func(x *safetensors.Tensor) bool {
		name, ok := strings.CutPrefix(x.Name, side+"_model.")
		x.Name = rename(name)
		return ok && x.Name != ""
	}).(fstest.MapFS)
	fsys["config.json"] = &fstest.MapFile{Data: part(t, filepath.Join(models, "vit-bert"), side+"_config")}
	return fsys
}

func create(t testing.TB, vision, text Half, opt CreateOptions) (f reference, dir, notes string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "out")
	var log bytes.Buffer
	opt.Log = slog.New(slog.NewTextHandler(&log, nil))
	require.NoError(t, Create(context.Background(), vision, text, dir, opt))
	return openReference(t, filepath.Join(dir, "model.safetensors")), dir, log.String()
}

func TestCreateJoinsTwoTowers(t *testing.T) {
	want := openReference(t, filepath.Join(models, "vit-bert", "model.safetensors"))
	alone := func(name string) string { return name }
	headed := func(prefix, pooler string) func(string) string {
		return func(name string) string {
			switch {
			case strings.HasPrefix(name, "pooler."):
				return pooler
			case name == "layernorm.bias":
				return "vit.layernorm.beta"
			}
			return prefix + name
		}
	}
	for name, rename := range map[string][2]func(string) string{
		"towers": {alone, alone},
		"heads":  {headed("vit.", ""), headed("bert.", "")},
	} {
		vision := Half{Files: towerFolder(t, "vision", rename[0]), Name: "V"}
		text := Half{Files: towerFolder(t, "text", rename[1]), Name: "T"}
		if name == "heads" {
			vision.Files = withTensor(t, vision.Files, "classifier.bias")
			text.Files = withTensor(t, text.Files, "cls.predictions.bias")
		}
		scale := 3.5
		got, _, notes := create(t, vision, text, CreateOptions{ProjectionDim: 7, LogitScale: &scale, Seed: 5})
		require.ElementsMatch(t, want.Names(), got.Names())
		for _, n := range want.Names() {
			w, _ := want.Tensor(n)
			g, _ := got.Tensor(n)
			switch {
			case n == logitScale:
				require.Equal(t, []float32{3.5}, got.floats(t, n).Data)
			case strings.HasSuffix(n, "_projection.weight"):
				require.Equal(t, []int{7, w.Shape[1]}, g.Shape)
				require.Contains(t, notes, n)
			case name == "heads" && strings.Contains(n, ".pooler."):
				require.Equal(t, w.Shape, g.Shape)
				require.Contains(t, notes, n)
			default:
				require.Equal(t, w, g)
				require.NotContains(t, notes, n)
			}
		}
		if name == "heads" {
			require.Contains(t, notes, "V: classifier.bias")
			require.Contains(t, notes, "T: cls.predictions.bias")
		}
	}
	broken := Half{Files: towerFolder(t, "text", func(name string) string {
		if name == "encoder.layer.0.output.dense.bias" {
			return ""
		}
		return name
	}), Name: "T"}
	err := Create(context.Background(), Half{Files: towerFolder(t, "vision", alone), Name: "V"}, broken, filepath.Join(t.TempDir(), "out"), CreateOptions{})
	var missing *MissingWeightError
	require.ErrorAs(t, err, &missing)
	require.Equal(t, "text_model.encoder.layer.0.output.dense.bias", missing.Name)
}

// withTensor adds one to a checkpoint.
func withTensor(t testing.TB, fsys fs.FS, name string) fs.FS {
	t.Helper()
	files := fsys.(fstest.MapFS)
	f, err := safetensors.Parse("", files["model.safetensors"].Data)
	require.NoError(t, err)
	tensors := []safetensors.Tensor{safetensors.FromFloat32s(name, []float32{1}, 1)}
	for _, n := range f.Names() {
		x, _ := f.Tensor(n)
		tensors = append(tensors, x)
	}
	var out bytes.Buffer
	require.NoError(t, safetensors.Write(&out, tensors, nil))
	files["model.safetensors"] = &fstest.MapFile{Data: out.Bytes()}
	return files
}

func TestCreateTakesTheVisionTowerOfAWholeCLIP(t *testing.T) {
	dir := filepath.Join(models, "clip")
	whole := openReference(t, filepath.Join(dir, "model.safetensors"))
	got, out, notes := create(t, Half{Files: os.DirFS(dir), Name: dir}, Half{Files: towerFolder(t, "text", func(n string) string { return n }), Name: "T"}, CreateOptions{})
	taken := 0
	for _, n := range got.Names() {
		if tower, ok := strings.CutPrefix(n, "vision_model."); ok {
			w, _ := whole.Tensor(tower)
			g, _ := got.Tensor(n)
			require.Equal(t, w.Data, g.Data, n)
			taken++
		}
	}
	require.Greater(t, taken, 20)
	require.Contains(t, notes, "text_model.")
	require.Contains(t, string(part(t, out, "vision_config")), `"clip_vision_model"`)
	require.Equal(t, []int{512, 32}, got.floats(t, "text_projection.weight").Shape)
	require.InDelta(t, 2.6592, got.floats(t, logitScale).Data[0], 1e-7)
}

func TestWhatIsDrawnDependsOnTheSeedAlone(t *testing.T) {
	draw := func(seed uint64) string {
		half := func(side string) Half {
			return Half{Config: part(t, filepath.Join(models, "vit-bert"), side+"_config"), Name: side}
		}
		_, dir, notes := create(t, half("vision"), half("text"), CreateOptions{Seed: seed})
		require.Contains(t, notes, "newly drawn")
		return dir
	}
	a := draw(1)
	requireSameFiles(t, a, draw(1))
	other := openReference(t, filepath.Join(draw(2), "model.safetensors"))
	first := openReference(t, filepath.Join(a, "model.safetensors"))
	for _, n := range []string{"text_projection.weight", "vision_model.embeddings.cls_token", "text_model.embeddings.word_embeddings.weight"} {
		x, y := first.floats(t, n), other.floats(t, n)
		require.NotEqual(t, x.Data, y.Data, n)
	}
	words := first.floats(t, "text_model.embeddings.word_embeddings.weight")
	for i, v := range words.Data {
		require.Equal(t, i < words.Shape[1], v == 0, "the row of [PAD], and no other, is 0")
	}
	p := first.floats(t, "text_projection.weight") // uniform, as wide as its inputs are many
	bound := float32(0.17677669529663687)          // 1/√32
	require.LessOrEqual(t, slices.Max(p.Data), bound)
	require.Greater(t, slices.Max(p.Data), 0.99*bound)
	require.GreaterOrEqual(t, slices.Min(p.Data), -bound)
	require.Less(t, slices.Min(p.Data), -0.99*bound)
}

// A folder of one tower may leave the classes of its tokenizer and its image
// processor to its model_type; a pair's says them.
func TestCreateNamesTheProcessorsClasses(t *testing.T) {
	same := func(n string) string { return n }
	vision, text := towerFolder(t, "vision", same), towerFolder(t, "text", same)
	vision["preprocessor_config.json"] = &fstest.MapFile{Data: []byte(`{"size": 30, "image_mean": [0.50, 0.5, 0.5]}`)}
	text["vocab.txt"] = &fstest.MapFile{Data: []byte("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n")}
	_, dir, _ := create(t, Half{Files: vision, Name: "V"}, Half{Files: text, Name: "T"}, CreateOptions{})
	read := func(name string) string {
		data, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		return strings.Join(strings.Fields(string(data)), "")
	}
	require.Equal(t, `{"image_mean":[0.50,0.5,0.5],"image_processor_type":"ViTImageProcessor","size":30}`, read("preprocessor_config.json"))
	require.Equal(t, `{"tokenizer_class":"BertTokenizer"}`, read("tokenizer_config.json"))

	text["tokenizer_config.json"] = &fstest.MapFile{Data: []byte(`{"tokenizer_class": "ElectraTokenizer", "do_lower_case": true}`)}
	delete(vision, "preprocessor_config.json")
	_, dir, notes := create(t, Half{Files: vision, Name: "V"}, Half{Files: text, Name: "T"}, CreateOptions{})
	require.Equal(t, `{"tokenizer_class":"ElectraTokenizer","do_lower_case":true}`, read("tokenizer_config.json"))
	require.Contains(t, notes, "V has no preprocessor_config.json")
}

func TestASideThatCannotBeIsNamed(t *testing.T) {
	half := func(name, text string) Half { return Half{Config: []byte(text), Name: name} }
	good := half("t.json", `{"model_type": "bert"}`)
	for text, want := range map[string]string{
		`{`:                        "v.json: line 1",
		`{}`:                       "vision_config.model_type",
		`{"model_type": "resnet"}`: `resnet`,
		`{"model_type": "bert"}`:   `bert`,
		`{"model_type": "vit", "patch_size": 999}`:   "vision_config.patch_size",
		`{"model_type": "clip", "vision_config": 3}`: "vision_config",
	} {
		require.ErrorContains(t, Create(context.Background(), half("v.json", text), good, filepath.Join(t.TempDir(), "out"), CreateOptions{}), want, text)
	}
}
