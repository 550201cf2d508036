package dualencoder

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"math"
	"os"
	"path"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/vkdual/vkdual/dualencoder/tokenizer"
	"github.com/vkdual/vkdual/internal/tolerance"
	"github.com/vkdual/vkdual/runtime"
	"github.com/vkdual/vkdual/runtime/devicetest"
)

// download is a folder as a checkpoint comes: the model's files, of its forms of
// weights only one, and the tokenizer's from another folder.
type download struct {
	model, tokenizer fs.FS
	weights          string // a pattern of the one form's files
}

func (d download) Open(name string) (fs.File, error) {
	for _, form := range []string{"*.safetensors", "*.index.json", "*.bin", "*.msgpack"} {
		is, err := path.Match(form, name)
		own, err2 := path.Match(d.weights, name)
		if err := errors.Join(err, err2); err != nil {
			return nil, err
		}
		if is && !own {
			return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
		}
	}
	if slices.Contains(tokenizer.Files(), name) {
		return d.tokenizer.Open(name)
	}
	return d.model.Open(name)
}

// The public checkpoints of the class, in small: for each its mix of towers,
// tokenizer, image processor and files, from texts and picture files to logits,
// against transformers.
func TestPublicCheckpointsGiveTheirReference(t *testing.T) {
	const testdata = "../testdata"
	folders, err := filepath.Glob(testdata + "/public/*/ref.json")
	require.NoError(t, err)
	require.Len(t, folders, 8)
	devicetest.Each(t, func(t *testing.T, d *runtime.Device) {
		opened := 0
		for _, file := range folders {
			folder := filepath.Dir(file)
			var ref struct {
				Tokenizer       string
				Texts, Pictures []string
				InputIDs        [][]int64   `json:"input_ids"`
				TextEmbeds      [][]float32 `json:"text_embeds"`
				ImageEmbeds     [][]float32 `json:"image_embeds"`
				Logits          [][]float32 `json:"logits_per_image"`
			}
			data, err := os.ReadFile(file)
			require.NoError(t, err)
			require.NoError(t, json.Unmarshal(data, &ref))
			for i, p := range ref.Pictures {
				ref.Pictures[i] = filepath.Join(testdata, p)
			}
			for _, form := range []string{"model.safetensors", "model*.safetensors*", "*.bin", "*.msgpack"} {
				if have, err := filepath.Glob(filepath.Join(folder, form)); err != nil || len(have) == 0 || form == "model*.safetensors*" && len(have) == 1 {
					continue
				}
				opened++
				files := download{os.DirFS(folder), os.DirFS(filepath.Join(testdata, "text", ref.Tokenizer)), form}
				m, err := OpenFS(d, files, Options{Name: folder, Strict: true})
				require.NoError(t, err, "%s of %s", form, folder)
				defer m.Close()
				tok, err := m.Processor().Tokenizer()
				require.NoError(t, err)
				texts, err := m.EmbedTexts(context.Background(), ref.Texts, EmbedOptions{})
				require.NoError(t, err)
				images, err := m.EmbedImages(context.Background(), ref.Pictures, EmbedOptions{})
				require.NoError(t, err)
				for i, want := range ref.TextEmbeds {
					ids, err := tok.Encode(ref.Texts[i:i+1], tokenizer.Options{})
					require.NoError(t, err)
					require.Equal(t, ref.InputIDs[i], ids.InputIDs[0], ref.Texts[i])
					require.InDeltaSlice(t, want, texts[i], tolerance.Model, "%s of %s", form, folder)
				}
				for i, want := range ref.ImageEmbeds {
					require.InDeltaSlice(t, want, images[i], tolerance.Model, "%s of %s", form, folder)
					for j, want := range ref.Logits[i] {
						dot := float32(0)
						for k := range images[i] {
							dot += images[i][k] * texts[j][k]
						}
						require.InDelta(t, want, dot*m.scale, tolerance.Model*(1+math.Abs(float64(want))))
					}
				}
			}
		}
		require.Equal(t, 12, opened, "forms of weights")
	})
}
