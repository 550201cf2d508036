package dualencoder_test

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/vkdual/vkdual/dualencoder"
	"github.com/vkdual/vkdual/dualencoder/defaultmodel"
	"github.com/vkdual/vkdual/internal/tolerance"
	"github.com/vkdual/vkdual/runtime"
	"github.com/vkdual/vkdual/runtime/devicetest"
)

const pictures = "../testdata/pictures"

func openDefault(t testing.TB, d *runtime.Device, opt dualencoder.Options) *dualencoder.Model {
	t.Helper()
	opt.Name = defaultmodel.Name
	m, err := dualencoder.OpenFS(d, defaultmodel.FS(), opt)
	require.NoError(t, err)
	t.Cleanup(m.Close)
	return m
}

// The compiled-in model is trained, and large enough for its layers to be of 4
// bits with Q4: pictures and words keep their directions.
func TestQ4KeepsTheDirection(t *testing.T) {
	devicetest.Each(t, func(t *testing.T, d *runtime.Device) {
		ctx := context.Background()
		files, err := filepath.Glob(filepath.Join(pictures, "*.png"))
		require.NoError(t, err)
		require.Greater(t, len(files), 8)
		labels := []string{"rocket", "dog", "guitar", "hot drink", "una casa", "Fahrrad", "a red car", "mountain"}
		embed := func(dtype runtime.DType) (all [][]float32) {
			m := openDefault(t, d, dualencoder.Options{DType: dtype})
			texts, err := m.EmbedTexts(ctx, labels, dualencoder.EmbedOptions{})
			require.NoError(t, err)
			images, err := m.EmbedImages(ctx, files, dualencoder.EmbedOptions{})
			require.NoError(t, err)
			return append(texts, images...)
		}
		full := embed(runtime.F32)
		least := map[runtime.DType]float64{}
		for _, dtype := range []runtime.DType{runtime.Q8, runtime.Q4} {
			least[dtype] = 1
			for i, got := range embed(dtype) {
				dot := 0.0
				for j, v := range got {
					dot += float64(v) * float64(full[i][j]) // their length is 1
				}
				least[dtype] = min(least[dtype], dot)
			}
		}
		t.Log(least)
		require.Greater(t, least[runtime.Q8], tolerance.Cosine8)
		require.Greater(t, least[runtime.Q4], tolerance.Cosine4)
		require.Less(t, least[runtime.Q4], least[runtime.Q8]-tolerance.Model, "4 bits were not used")
	})
}

// From a file and a word to a logit: decoding, resizing, tokenizing, both
// towers and the scale, against what transformers gives.
func TestTheDefaultModelGivesItsReference(t *testing.T) {
	var ref struct {
		Labels   []string
		Pictures map[string]struct {
			Logits []float64 `json:"logits_per_image"`
		}
		TextEmbedsFirst []float64 `json:"text_embeds_first"`
	}
	data, err := os.ReadFile("defaultmodel/testdata/reference.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, &ref))
	require.Len(t, ref.Pictures, 12)
	check := func(t *testing.T, d *runtime.Device) {
		ctx := context.Background()
		m := openDefault(t, d, dualencoder.Options{Strict: true})
		texts, err := m.EmbedTexts(ctx, ref.Labels, dualencoder.EmbedOptions{})
		require.NoError(t, err)
		for i, want := range ref.TextEmbedsFirst {
			require.InDelta(t, want, texts[0][i], tolerance.Model)
		}
		c, err := m.NewClassifier(ctx, ref.Labels, nil, dualencoder.EmbedOptions{})
		require.NoError(t, err)
		for name, want := range ref.Pictures {
			got, err := c.Classify(ctx, filepath.Join(pictures, name), dualencoder.EmbedOptions{})
			require.NoError(t, err)
			sum := 0.0
			for i, w := range want.Logits {
				require.InDelta(t, w, got.Logits[i], tolerance.Model+tolerance.Model*math.Abs(w)+tolerance.Printed, "%s: %s", name, ref.Labels[i])
				sum += got.Probabilities[i]
			}
			require.InDelta(t, 1, sum, tolerance.Kernel)
			best := got.Top(3)
			require.Len(t, best, 3)
			require.GreaterOrEqual(t, got.Probabilities[best[0]], got.Probabilities[best[1]])
		}
	}
	devicetest.Each(t, check)
	// Every way that numbers take where the host cannot map the device's memory,
	// a watchdog wants short submits, and a device offers the least that is allowed.
	devicetest.EachWith(t, runtime.Switches{Staged: true, Poison: true, SubmitFLOPs: 1e6, Without: []string{"limits", "texel"}}, check)
}

func TestTheDefaultModelCarriesItsNotices(t *testing.T) {
	for _, name := range []string{"LICENSE.txt", "README.md", "tokenizer.json", "preprocessor_config.json"} {
		_, err := fs.Stat(defaultmodel.FS(), name)
		require.NoError(t, err)
	}
	require.NotEmpty(t, defaultmodel.Limits)
}

// An input that fails is reported under its number, and the others go on.
func TestOneBadPictureIsReportedAndTheOthersGoOn(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "text.png")
	require.NoError(t, os.WriteFile(text, []byte("not a picture"), 0o600))
	paths := []string{filepath.Join(pictures, "pizza.png"), text, filepath.Join(dir, "missing.png"), filepath.Join(pictures, "rocket.png")}
	devicetest.Each(t, func(t *testing.T, d *runtime.Device) {
		ctx := context.Background()
		m := openDefault(t, d, dualencoder.Options{MaxBatch: 3})
		want, err := m.EmbedImages(ctx, []string{paths[0], paths[3]}, dualencoder.EmbedOptions{})
		require.NoError(t, err)
		var got []dualencoder.Result
		for i, r := range m.StreamImages(ctx, dualencoder.Files(slices.Values(paths), dualencoder.EmbedOptions{}), dualencoder.EmbedOptions{}) {
			require.Equal(t, len(got), i)
			got = append(got, r)
		}
		require.Len(t, got, 4)
		require.ErrorContains(t, got[1].Err, text)
		require.ErrorIs(t, got[2].Err, fs.ErrNotExist)
		requireNear(t, want[0], got[0].Embedding)
		requireNear(t, want[1], got[3].Embedding)

		_, err = m.EmbedImages(ctx, paths, dualencoder.EmbedOptions{})
		require.ErrorContains(t, err, "image 1")
	})
}

func requireNear(t testing.TB, want, got []float32) {
	t.Helper()
	require.Len(t, got, len(want))
	for i, w := range want {
		require.InDelta(t, w, got[i], tolerance.Model)
	}
}

// A text's embedding depends neither on its neighbours nor on the batch size.
func TestGroupingDoesNotChangeAnEmbedding(t *testing.T) {
	texts := []string{"dog", "", "a hot drink in a cup", "Katze", "rocket", "une très longue phrase avec beaucoup de mots pour la remplir",
		"ordinateur portable, écran, clavier", "a", "sailing boat on the sea at night with stars", "dog"}
	devicetest.Each(t, func(t *testing.T, d *runtime.Device) {
		ctx := context.Background()
		m := openDefault(t, d, dualencoder.Options{Programs: 2})
		var alone [][]float32
		for _, s := range texts {
			e, err := m.EmbedTexts(ctx, []string{s}, dualencoder.EmbedOptions{})
			require.NoError(t, err)
			norm := 0.0
			for _, v := range e[0] {
				norm += float64(v) * float64(v)
			}
			require.InDelta(t, 1, math.Sqrt(norm), tolerance.Kernel)
			alone = append(alone, e[0])
		}
		for _, most := range []int{1, 3, 4, 32} {
			m := openDefault(t, d, dualencoder.Options{MaxBatch: most, Programs: 1})
			got, err := m.EmbedTexts(ctx, texts, dualencoder.EmbedOptions{})
			require.NoError(t, err)
			for i := range texts {
				requireNear(t, alone[i], got[i])
			}
		}
		raw, err := m.EmbedTexts(ctx, texts[:1], dualencoder.EmbedOptions{Raw: true})
		require.NoError(t, err)
		norm := 0.0
		for _, v := range raw[0] {
			norm += float64(v) * float64(v)
		}
		for i, v := range raw[0] {
			require.InDelta(t, alone[0][i], float64(v)/math.Sqrt(norm), tolerance.Model)
		}
	})
}

func TestATextOfTooManyTokens(t *testing.T) {
	long := ""
	for range 100 {
		long += "cat "
	}
	devicetest.Each(t, func(t *testing.T, d *runtime.Device) {
		m := openDefault(t, d, dualencoder.Options{})
		for _, r := range m.StreamTexts(context.Background(), slices.Values([]string{long}), dualencoder.EmbedOptions{}) {
			require.NoError(t, r.Err)
			require.Equal(t, 102, r.Tokens)
			require.Less(t, m.MaxTokens(), r.Tokens)
		}
		_, err := m.EmbedTexts(context.Background(), []string{"cat", long}, dualencoder.EmbedOptions{Strict: true})
		var cut *dualencoder.TruncatedError
		require.ErrorAs(t, err, &cut)
		require.Equal(t, dualencoder.TruncatedError{Tokens: 102, Limit: 32}, *cut)
		require.ErrorContains(t, err, "text 1")
	})
}

func TestAnEndedContextStopsAStream(t *testing.T) {
	devicetest.Each(t, func(t *testing.T, d *runtime.Device) {
		m := openDefault(t, d, dualencoder.Options{MaxBatch: 1})
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		endless := func(yield func(string) bool) {
			for yield("cat") {
			}
		}
		seen := 0
		for _, r := range m.StreamTexts(ctx, endless, dualencoder.EmbedOptions{}) {
			if seen++; seen == 10 {
				cancel()
			}
			if r.Err != nil {
				require.ErrorIs(t, r.Err, context.Canceled)
			}
			require.Less(t, seen, 1000)
		}
		require.GreaterOrEqual(t, seen, 10)
		files := func(yield func(string) bool) {
			for yield(filepath.Join(pictures, "pizza.png")) {
			}
		}
		for _, r := range m.StreamImages(ctx, dualencoder.Files(files, dualencoder.EmbedOptions{}), dualencoder.EmbedOptions{}) {
			require.ErrorIs(t, r.Err, context.Canceled)
		}
	})
}

func TestLabelsAndTemplates(t *testing.T) {
	devicetest.Each(t, func(t *testing.T, d *runtime.Device) {
		ctx := context.Background()
		m := openDefault(t, d, dualencoder.Options{})
		for want, c := range map[string]struct{ labels, templates []string }{
			"no label":           {nil, nil},
			"labels 1 and 3":     {[]string{"a", "b", "a"}, nil},
			"template \"photo\"": {[]string{"a"}, []string{"{}", "photo"}},
		} {
			_, err := m.NewClassifier(ctx, c.labels, c.templates, dualencoder.EmbedOptions{})
			require.ErrorContains(t, err, want)
		}
		one, err := m.NewClassifier(ctx, []string{"pizza"}, nil, dualencoder.EmbedOptions{})
		require.NoError(t, err)
		r, err := one.Classify(ctx, filepath.Join(pictures, "pizza.png"), dualencoder.EmbedOptions{})
		require.NoError(t, err)
		require.Equal(t, []float64{1}, r.Probabilities)

		// The mean of two templates by hand.
		labels, templates := []string{"pizza", "dog"}, []string{"{}", "an icon of {} and {}"}
		texts, err := m.EmbedTexts(ctx, []string{"pizza", "dog", "an icon of pizza and pizza", "an icon of dog and dog"}, dualencoder.EmbedOptions{})
		require.NoError(t, err)
		image, err := m.EmbedImages(ctx, []string{filepath.Join(pictures, "pizza.png")}, dualencoder.EmbedOptions{})
		require.NoError(t, err)
		both, err := m.NewClassifier(ctx, labels, templates, dualencoder.EmbedOptions{})
		require.NoError(t, err)
		r, err = both.Classify(ctx, filepath.Join(pictures, "pizza.png"), dualencoder.EmbedOptions{})
		require.NoError(t, err)
		plain, err := m.NewClassifier(ctx, labels, nil, dualencoder.EmbedOptions{})
		require.NoError(t, err)
		p, err := plain.Classify(ctx, filepath.Join(pictures, "pizza.png"), dualencoder.EmbedOptions{})
		require.NoError(t, err)
		for l := range labels {
			dot, norm, first := 0.0, 0.0, 0.0
			for k := range image[0] {
				mean := float64(texts[l][k]) + float64(texts[l+2][k])
				norm += mean * mean
				dot += mean * float64(image[0][k])
				first += float64(texts[l][k]) * float64(image[0][k])
			}
			scale := float64(p.Logits[l]) / first
			want := scale * dot / math.Sqrt(norm)
			require.InDelta(t, want, r.Logits[l], tolerance.Model+tolerance.Model*math.Abs(want))
		}
	})
}

func TestAClosedModelSaysSo(t *testing.T) {
	devicetest.Each(t, func(t *testing.T, d *runtime.Device) {
		m := openDefault(t, d, dualencoder.Options{})
		m.Close()
		m.Close()
		_, err := m.EmbedTexts(context.Background(), []string{"cat"}, dualencoder.EmbedOptions{})
		require.True(t, errors.Is(err, dualencoder.ErrClosed), "%v", err)
	})
}
