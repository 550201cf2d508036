package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/vkdual/vkdual/internal/tolerance"
	"github.com/vkdual/vkdual/serialize/safetensors"
)

// reference opens what transformers gave, and makes a file of the inputs whose
// names begin with prefix.
func reference(t *testing.T, model, prefix string) (ref *safetensors.File, in string) {
	t.Helper()
	ref, err := safetensors.Open(filepath.Join(modelFiles, model, "ref.safetensors"))
	require.NoError(t, err)
	t.Cleanup(func() { ref.Close() })
	var inputs []safetensors.Tensor
	for _, name := range ref.Names() {
		if short, ok := strings.CutPrefix(name, prefix); ok {
			x, _ := ref.Tensor(name)
			x.Name = short
			inputs = append(inputs, x)
		}
	}
	require.NotEmpty(t, inputs)
	in = filepath.Join(t.TempDir(), "in.safetensors")
	require.NoError(t, safetensors.WriteFile(in, inputs, nil))
	return ref, in
}

func floats(t *testing.T, f *safetensors.File, name string) ([]float32, []int) {
	t.Helper()
	x, ok := f.Tensor(name)
	require.True(t, ok, name)
	v := make([]float32, x.Elems())
	require.NoError(t, safetensors.Float32s(v, x, 0))
	return v, x.Shape
}

// Every output of HuggingFace's forward is there under its name, and no other.
func TestForwardGivesEveryOutputUnderItsName(t *testing.T) {
	ref, in := reference(t, "vit-bert", "in.")
	out := filepath.Join(t.TempDir(), "out.safetensors")
	r := vkdual(t, onDevice(t, "forward", "-m", filepath.Join(modelFiles, "vit-bert"), "--loss", "--hidden-states", "--attentions", "--features", in, out)...)
	require.Zero(t, r.status, r.stderr)
	got, err := safetensors.Open(out)
	require.NoError(t, err)
	defer got.Close()
	want := map[string]string{"text_features": "feat.text", "image_features": "feat.image"}
	for _, name := range ref.Names() {
		if short, ok := strings.CutPrefix(name, "out."); ok {
			want[short] = name
		}
	}
	require.ElementsMatch(t, keys(want), got.Names())
	for _, name := range []string{"loss", "logits_per_image", "text_embeds", "image_features", "vision_model_output.hidden_states.1"} {
		w, shape := floats(t, ref, want[name])
		g, have := floats(t, got, name)
		require.Equal(t, shape, have, name)
		for i := range w {
			require.InDelta(t, w[i], g[i], tolerance.Model+tolerance.Model*float64(max(w[i], -w[i])), name)
		}
	}
}

func keys(m map[string]string) (names []string) {
	for k := range m {
		names = append(names, k)
	}
	return names
}

func TestForwardRefusesInputsItDoesNotKnow(t *testing.T) {
	dir := t.TempDir()
	file := func(x ...safetensors.Tensor) string {
		path := filepath.Join(dir, "in.safetensors")
		require.NoError(t, safetensors.WriteFile(path, x, nil))
		return path
	}
	ids := safetensors.FromInt64s("input_ids", []int64{1, 2}, 1, 2)
	for _, c := range []struct {
		tensors []safetensors.Tensor
		want    string
	}{
		{[]safetensors.Tensor{ids, safetensors.FromInt64s("labels", []int64{1}, 1)}, `unknown input "labels"; known are input_ids, attention_mask`},
		{[]safetensors.Tensor{safetensors.FromFloat32s("input_ids", []float32{1}, 1, 1)}, "input_ids is F32, want I64"},
		{[]safetensors.Tensor{safetensors.FromInt64s("pixel_values", []int64{1}, 1, 1, 1, 1)}, "pixel_values is I64, want F32"},
	} {
		r := vkdual(t, "forward", file(c.tensors...), filepath.Join(dir, "out"))
		require.Equal(t, 1, r.status)
		require.Contains(t, r.stderr, c.want)
		require.NoFileExists(t, filepath.Join(dir, "out"))
	}
	r := vkdual(t, onDevice(t, "forward", file(safetensors.FromInt64s("input_ids", []int64{1, 1 << 40}, 1, 2)), filepath.Join(dir, "out"))...)
	require.Equal(t, 1, r.status)
	require.Contains(t, r.stderr, "input_ids: 1099511627776 at [0 1]")
	require.NoFileExists(t, filepath.Join(dir, "out"))
}
