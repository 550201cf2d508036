package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/vkdual/vkdual/dualencoder/defaultmodel"
	"github.com/vkdual/vkdual/serialize/safetensors"
)

// Each way in which a checkpoint can be bad ends in one error that names the
// file, the place and what was expected, and leaves no output.
func TestABadCheckpointIsAnErrorThatSaysWhere(t *testing.T) {
	const weights, config = "model.safetensors", "config.json"
	_, in := reference(t, "vit-bert", "in.")
	original := func(name string) []byte {
		data, err := os.ReadFile(filepath.Join(modelFiles, "vit-bert", name))
		require.NoError(t, err)
		return data
	}
	form := func(name string) []byte {
		data, err := os.ReadFile(filepath.Join(modelFiles, "..", "forms", name))
		require.NoError(t, err)
		return data
	}
	header := func(n uint64) []byte { return binary.LittleEndian.AppendUint64(nil, n) }
	replace := func(name, old, new string) []byte {
		data := original(name)
		require.True(t, bytes.Contains(data, []byte(old)), old)
		require.Len(t, new, len(old), "offsets stay as they are")
		return bytes.Replace(data, []byte(old), []byte(new), 1)
	}
	for _, c := range []struct {
		what, file string
		content    []byte // nil: no such file
		want       string
	}{
		{"no config", config, nil, "config.json: no such file"},
		{"half a config", config, original(config)[:300], "config.json: line "},
		{"an unknown tower", config, bytes.ReplaceAll(original(config), []byte(`"vit"`), []byte(`"resnet"`)), `vision_config.model_type is "resnet"`},
		{"another width", config, bytes.Replace(original(config), []byte(`"vocab_size": 120`), []byte(`"vocab_size": 121`), 1),
			"text_model.embeddings.word_embeddings.weight is [120 32], the config asks for [121 32]"},
		{"no weights", weights, nil, "no weights: want model.safetensors, model.safetensors.index.json, pytorch_model.bin, "},
		{"0 bytes of weights", weights, []byte{}, "the file is empty"},
		{"half of the weights", weights, original(weights)[:100_000], "end past the data's"},
		{"half of the header", weights, original(weights)[:4000], "the file is truncated"},
		{"a header of 2^63 bytes", weights, append(header(1<<63), "{}"...), "9223372036854775808 bytes stated"},
		{"a huge header", weights, append(header(99_000_000), "{}"...), "99000000 bytes stated, 2 follow"},
		{"a name twice", weights, replace(weights, "text_model.encoder.layer.0.", "text_model.encoder.layer.1."), "occurs twice"},
		{"a missing weight", weights, replace(weights, "logit_scale", "logit_scalp"), "weights: logit_scale [] is missing"},
		{"a pickle that runs a command", "pytorch_model.bin", form("bin-evil/pytorch_model.bin"), "the pickle asks for posix.system, which no state dict needs"},
		{"half a .bin", "pytorch_model.bin", form("bin-zip/pytorch_model.bin")[:100_000], "pytorch_model.bin: archive: the zip archive is damaged or cut short"},
		{"half a Flax file", "flax_model.msgpack", form("flax/flax_model.msgpack")[:100_000], "the file is cut short"},
		{"half a TensorFlow file", "tf_model.h5", form("tf/tf_model.h5")[:100_000], "tf_model.h5: superblock: the file should have 332232 bytes and has 100000"},
		{"a type that is none", weights, replace(weights, `"F32"`, `"F3X"`), "is none of the format's"},
	} {
		t.Run(c.what, func(t *testing.T) {
			dir := t.TempDir()
			files := map[string][]byte{config: original(config), weights: original(weights)}
			if c.file != config {
				delete(files, weights)
			}
			files[c.file] = c.content
			for name, content := range files {
				if content != nil {
					require.NoError(t, os.WriteFile(filepath.Join(dir, name), content, 0o666))
				}
			}
			out := filepath.Join(dir, "out.safetensors")
			r := vkdual(t, onDevice(t, "forward", "-m", dir, in, out)...)
			require.Equal(t, 1, r.status)
			require.Contains(t, r.stderr, c.want)
			require.Contains(t, r.stderr, dir)
			require.NotContains(t, strings.ToLower(r.stderr), "panic")
			require.NoFileExists(t, out)
		})
	}
}

// A table of 61 GiB, in a file without content.
func TestWeightsLargerThanTheDevicesMemory(t *testing.T) {
	const table, rows, width = "text_model.embeddings.word_embeddings.weight", 16_000_000, 1024
	_, in := reference(t, "vit-bert", "in.")
	dir := t.TempDir()
	config, err := os.ReadFile(filepath.Join(modelFiles, "vit-bert", "config.json"))
	require.NoError(t, err)
	var c map[string]map[string]any
	_ = json.Unmarshal(config, &c) // which keeps what is of this form: the two sub-configs
	maps.Copy(c["text_config"], map[string]any{"vocab_size": rows, "hidden_size": width})
	config, err = json.Marshal(map[string]any{
		"model_type": "vision-text-dual-encoder", "projection_dim": 24, "vision_config": c["vision_config"], "text_config": c["text_config"],
	})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "config.json"), config, 0o666))

	original, err := safetensors.Open(filepath.Join(modelFiles, "vit-bert", "model.safetensors"))
	require.NoError(t, err)
	defer original.Close()
	header, at := map[string]any{}, 0
	for _, name := range original.Names() {
		x, _ := original.Tensor(name)
		shape := slices.Clone(x.Shape)
		if strings.HasPrefix(name, "text_") {
			for i, n := range shape {
				if n == 32 {
					shape[i] = width
				}
			}
		}
		if name == table {
			shape[0] = rows
		}
		size := 4
		for _, n := range shape {
			size *= n
		}
		header[name] = map[string]any{"dtype": "F32", "shape": shape, "data_offsets": []int{at, at + size}}
		at += size
	}
	text, err := json.Marshal(header)
	require.NoError(t, err)
	weights := filepath.Join(dir, "model.safetensors")
	text = append(binary.LittleEndian.AppendUint64(nil, uint64(len(text))), text...)
	require.NoError(t, os.WriteFile(weights, text, 0o666))
	if err := os.Truncate(weights, int64(len(text)+at)); err != nil {
		t.Skip("no such files on this system: ", err)
	}
	r := vkdual(t, onDevice(t, "forward", "-m", dir, in, filepath.Join(dir, "out"))...)
	require.Equal(t, 1, r.status)
	require.Regexp(t, `weights: `+table+`: runtime: alloc "weights": (need )?62500 MiB`, r.stderr)
	require.Contains(t, r.stderr, "VK_ERROR_OUT_OF_DEVICE_MEMORY")
}

// A model that gives no numbers is an input that fails, not a row of NaN.
func TestWeightsThatAreNoNumbers(t *testing.T) {
	dir, files := t.TempDir(), defaultmodel.FS()
	require.NoError(t, os.CopyFS(dir, files))
	original, err := safetensors.OpenFS(files, "model.safetensors")
	require.NoError(t, err)
	defer original.Close()
	var tensors []safetensors.Tensor
	for _, name := range original.Names() {
		x, _ := original.Tensor(name)
		if name == "text_projection.weight" {
			x = safetensors.FromFloat32s(name, slices.Repeat([]float32{float32(math.NaN())}, x.Elems()), x.Shape...)
		}
		tensors = append(tensors, x)
	}
	require.NoError(t, os.Remove(filepath.Join(dir, "model.safetensors")))
	require.NoError(t, safetensors.WriteFile(filepath.Join(dir, "model.safetensors"), tensors, nil))

	r := vkdual(t, onDevice(t, "embed", "-m", dir, "--image", rocket, "--text", "a rocket")...)
	require.Equal(t, 1, r.status)
	require.Contains(t, r.stderr, `"a rocket": dualencoder: the result is not finite`)
	require.Len(t, jsonLines(t, r.out), 1, "the picture has an embedding")
	r = vkdual(t, onDevice(t, "classify", "-m", dir, rocket, "-l", "rocket", "-l", "dog")...)
	require.Equal(t, 1, r.status)
	require.Contains(t, r.stderr, `"rocket": dualencoder: the result is not finite`)
	require.Empty(t, r.out)
}

func TestAWeightThatNothingUses(t *testing.T) {
	_, in := reference(t, "vit-bert", "in.")
	dir := filepath.Join(modelFiles, "..", "forms", "safetensors-extras")
	out := filepath.Join(t.TempDir(), "out.safetensors")
	r := vkdual(t, onDevice(t, "forward", "-m", dir, in, out)...)
	require.Zero(t, r.status, r.stderr)
	require.Contains(t, r.stderr, "no part of the model uses extra.f8, extra.i64")
	r = vkdual(t, onDevice(t, "forward", "-m", dir, "--strict", in, out+"2")...)
	require.Equal(t, 1, r.status)
	require.Contains(t, r.stderr, dir)
	require.Contains(t, r.stderr, "no part of the model uses extra.f8, extra.i64")
	require.NoFileExists(t, out+"2")
}
