package dualencoder

import (
	"bytes"
	"context"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
	"github.com/vkdual/vkdual/dualencoder/config"
	"github.com/vkdual/vkdual/internal/tolerance"
	"github.com/vkdual/vkdual/runtime"
	"github.com/vkdual/vkdual/runtime/devicetest"
	"github.com/vkdual/vkdual/serialize/safetensors"
)

// changed is the vit-bert checkpoint with some of its tensors changed or, where
// change says false, left out.
func changed(t testing.TB, change func(*safetensors.Tensor) bool) fs.FS {
	t.Helper()
	dir := filepath.Join(models, "vit-bert")
	f := openReference(t, filepath.Join(dir, "model.safetensors"))
	var tensors []safetensors.Tensor
	for _, n := range f.Names() {
		if x, _ := f.Tensor(n); change(&x) {
			tensors = append(tensors, x)
		}
	}
	var weights bytes.Buffer
	require.NoError(t, safetensors.Write(&weights, tensors, nil))
	cfg, err := os.ReadFile(filepath.Join(dir, "config.json"))
	require.NoError(t, err)
	return fstest.MapFS{"model.safetensors": {Data: weights.Bytes()}, "config.json": {Data: cfg}}
}

func TestMissingAndMisshapenWeightsAreAllNamed(t *testing.T) {
	const gone = "vision_model.encoder.layer.1.attention.attention.key.bias"
	const wrong = "text_model.embeddings.position_embeddings.weight"
	fsys := changed(t, func(x *safetensors.Tensor) bool {
		if x.Name == wrong {
			x.Shape = []int{32, 40}
		}
		return x.Name != gone && x.Name != "logit_scale"
	})
	devicetest.Each(t, func(t *testing.T, d *runtime.Device) {
		for _, side := range []Side{BothSides, TextSide, ImageSide} {
			_, err := OpenFS(d, fsys, Options{Name: "some/folder", Side: side})
			var missing *MissingWeightError
			require.ErrorAs(t, err, &missing)
			require.Equal(t, gone, missing.Name)
			require.Equal(t, []int{32}, missing.Want)
			var shape *WeightShapeError
			require.ErrorAs(t, err, &shape)
			require.Equal(t, WeightShapeError{Name: wrong, Have: []int{32, 40}, Want: []int{40, 32}}, *shape)
			require.ErrorContains(t, err, "logit_scale")
			require.ErrorContains(t, err, "some/folder")
		}
	})
}

// A checkpoint of another model lacks everything: the error stays readable.
func TestManyMissingWeightsAreCounted(t *testing.T) {
	fsys := changed(t, func(x *safetensors.Tensor) bool { return x.Name == "logit_scale" })
	devicetest.Each(t, func(t *testing.T, d *runtime.Device) {
		_, err := OpenFS(d, fsys, Options{})
		var missing *MissingWeightError
		require.ErrorAs(t, err, &missing)
		require.ErrorContains(t, err, "and 73 more")
		require.NotContains(t, err.Error(), "NewPooler")
		require.Less(t, len(err.Error()), 2000)
	})
}

func TestACheckpointWithoutPoolers(t *testing.T) {
	fsys := changed(t, func(x *safetensors.Tensor) bool { return !strings.Contains(x.Name, ".pooler.") })
	devicetest.Each(t, func(t *testing.T, d *runtime.Device) {
		_, err := OpenFS(d, fsys, Options{})
		var missing *MissingWeightError
		require.ErrorAs(t, err, &missing)
		require.Contains(t, missing.Name, "_model.pooler.dense.")
		require.ErrorContains(t, err, "NewPooler")

		var said bytes.Buffer
		m, err := OpenFS(d, fsys, Options{NewPooler: true, Log: slog.New(slog.NewTextHandler(&said, nil))})
		require.NoError(t, err)
		defer m.Close()
		for _, n := range []string{"vision_model.pooler.dense.weight", "vision_model.pooler.dense.bias", "text_model.pooler.dense.weight", "text_model.pooler.dense.bias"} {
			require.Contains(t, said.String(), n)
		}
		in := openReference(t, filepath.Join(models, "vit-bert", "ref.safetensors")).inputs(t, "in")
		_, err = m.Forward(context.Background(), in, ForwardOptions{})
		require.NoError(t, err)
	})
}

// TensorFlow stores the scale with one dimension, and old files carry position ids.
func TestOldHabitsOfCheckpoints(t *testing.T) {
	fsys := changed(t, func(x *safetensors.Tensor) bool {
		if x.Name == "logit_scale" {
			x.Shape = []int{1}
		}
		return true
	})
	devicetest.Each(t, func(t *testing.T, d *runtime.Device) {
		m, err := OpenFS(d, fsys, Options{Strict: true})
		require.NoError(t, err)
		m.Close()
	})
}

func TestWhatIsNotAFolder(t *testing.T) {
	devicetest.Each(t, func(t *testing.T, d *runtime.Device) {
		_, err := Open(d, "no/such/folder", Options{})
		require.ErrorIs(t, err, fs.ErrNotExist)
		require.ErrorContains(t, err, "no/such/folder")
		_, err = Open(d, "open_test.go", Options{})
		require.ErrorContains(t, err, "want the folder of a checkpoint")
		_, err = Open(d, t.TempDir(), Options{})
		require.ErrorIs(t, err, fs.ErrNotExist)
		require.ErrorContains(t, err, "config.json")
		_, err = Open(d, filepath.Join(models, "vit-bert"), Options{DType: runtime.U32})
		require.ErrorContains(t, err, "dtype")
	})
}

// A weight that f16 cannot hold must not become infinite.
func TestAWeightTooLargeForF16IsRefused(t *testing.T) {
	const name = "text_model.encoder.layer.0.output.dense.weight"
	fsys := changed(t, func(x *safetensors.Tensor) bool {
		if x.Name == name {
			data := bytes.Clone(x.Data)
			copy(data[8:], []byte{0, 0, 0x80, 0x47}) // 65536
			x.Data = data
		}
		return true
	})
	devicetest.Each(t, func(t *testing.T, d *runtime.Device) {
		_, err := OpenFS(d, fsys, Options{DType: runtime.F16})
		require.ErrorContains(t, err, name)
		require.ErrorContains(t, err, "65536")
		m, err := OpenFS(d, fsys, Options{})
		require.NoError(t, err)
		m.Close()
	})
}

func TestANewModelDependsOnItsSeedOnly(t *testing.T) {
	cfg, err := config.Load(os.DirFS(filepath.Join(models, "vit-bert")), "")
	require.NoError(t, err)
	devicetest.Each(t, func(t *testing.T, d *runtime.Device) {
		run := func(seed uint64) *Floats {
			m, err := New(d, cfg, seed, Options{})
			require.NoError(t, err)
			defer m.Close()
			out, err := m.Forward(context.Background(), Inputs{InputIDs: ids(2, 7, 9)}, ForwardOptions{})
			require.NoError(t, err)
			_, err = m.EmbedTexts(context.Background(), []string{"a"}, EmbedOptions{})
			require.ErrorContains(t, err, "tokenizer")
			return out.Get("text_embeds")
		}
		require.Equal(t, run(1), run(1))
		require.NotEqual(t, run(1), run(2))
	})
}

// Many goroutines share one model whose cache holds fewer programs than they use.
func TestAModelIsSafeForConcurrentUse(t *testing.T) {
	devicetest.Each(t, func(t *testing.T, d *runtime.Device) {
		dir := filepath.Join(models, "vit-bert")
		m := openGolden(t, d, dir, Options{Programs: 2})
		ref := openReference(t, filepath.Join(dir, "ref.safetensors"))
		first, second := ref.inputs(t, "in"), ref.inputs(t, "in2")
		var wg sync.WaitGroup
		for g := range 8 {
			wg.Go(func() {
				for i := range 6 {
					in, prefix := first, "out."
					if (g+i)%2 == 0 {
						in, prefix = second, "out2."
					}
					n := "text_embeds"
					switch (g + i) % 3 {
					case 0:
						in.PixelValues = nil
					case 1:
						in.InputIDs, in.AttentionMask, in.TokenTypeIDs = nil, nil, nil
						n = "image_embeds"
					}
					out, err := m.Forward(context.Background(), in, ForwardOptions{})
					if err != nil {
						t.Error(err)
						return
					}
					off, err := worst(n, out.Get(n), ref.floats(t, prefix+n), nil, tolerance.Model)
					if err != nil || off > 1 {
						t.Errorf("%s%s: %v times the tolerance, %v", prefix, n, off, err)
					}
				}
			})
		}
		wg.Wait()
		require.LessOrEqual(t, m.programs.recent.Len(), 2)
	})
}
