package dualencoder_test

import (
	"context"
	"fmt"
	"iter"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/vkdual/vkdual/dualencoder"
	"github.com/vkdual/vkdual/runtime"
	"github.com/vkdual/vkdual/runtime/devicetest"
)

// openPool opens the default model on every device to test on; where that is
// one, twice on that.
func openPool(t testing.TB, opt dualencoder.Options) (*dualencoder.Pool, []*dualencoder.Model) {
	t.Helper()
	names := devicetest.Names(t)
	if len(names) == 1 {
		names = append(names, names[0])
	}
	var models []*dualencoder.Model
	for _, n := range names {
		models = append(models, openDefault(t, devicetest.Open(t, n, runtime.Switches{Poison: true}), opt))
	}
	p, err := dualencoder.NewPool(models...)
	require.NoError(t, err)
	return p, models
}

// manyTexts are texts of many lengths.
func manyTexts(n int) (texts []string) {
	for i := range n {
		texts = append(texts, strings.Repeat("cat ", 1+i*i%29)+fmt.Sprint(i))
	}
	return texts
}

// Texts and pictures come back in order, each with the numbers that a device
// alone gives.
func TestAPoolGivesWhatEachDeviceGives(t *testing.T) {
	ctx := context.Background()
	p, models := openPool(t, dualencoder.Options{MaxBatch: 4})
	texts := manyTexts(50)
	want, err := models[0].EmbedTexts(ctx, texts, dualencoder.EmbedOptions{})
	require.NoError(t, err)
	got, err := p.EmbedTexts(ctx, texts, dualencoder.EmbedOptions{})
	require.NoError(t, err)
	require.Len(t, got, len(texts))
	for i := range texts {
		requireNear(t, want[i], got[i])
	}
	files, err := filepath.Glob(filepath.Join(pictures, "*.png"))
	require.NoError(t, err)
	want, err = models[0].EmbedImages(ctx, files, dualencoder.EmbedOptions{})
	require.NoError(t, err)
	got, err = p.EmbedImages(ctx, files, dualencoder.EmbedOptions{})
	require.NoError(t, err)
	for i := range files {
		requireNear(t, want[i], got[i])
	}
	inputs := 0
	for _, l := range p.Loads() {
		require.NoError(t, l.Lost)
		require.Positive(t, l.Inputs, l.Model.Device().Info().Name)
		inputs += l.Inputs
	}
	require.Equal(t, len(texts)+len(files), inputs)

	c, err := p.NewClassifier(ctx, []string{"rocket", "dog"}, nil, dualencoder.EmbedOptions{})
	require.NoError(t, err)
	r, err := c.Classify(ctx, filepath.Join(pictures, "rocket.png"), dualencoder.EmbedOptions{})
	require.NoError(t, err)
	require.Equal(t, 0, r.Top(1)[0])
}

// A device that is lost while it works is dropped, and nothing is missing; when
// the last one is lost, that is the error of what is left.
func TestAPoolGoesOnWithoutALostDevice(t *testing.T) {
	ctx := context.Background()
	p, models := openPool(t, dualencoder.Options{MaxBatch: 2})
	texts := manyTexts(60)
	want, err := models[1].EmbedTexts(ctx, texts, dualencoder.EmbedOptions{})
	require.NoError(t, err)
	run := func(lose *dualencoder.Model) (out []dualencoder.Result) {
		for i, r := range p.StreamTexts(ctx, slices.Values(texts), dualencoder.EmbedOptions{}) {
			require.Equal(t, len(out), i)
			if out = append(out, r); i == 3 {
				lose.Device().Lose()
			}
		}
		require.Len(t, out, len(texts))
		return out
	}
	for i, r := range run(models[0]) {
		require.NoError(t, r.Err)
		requireNear(t, want[i], r.Embedding)
	}
	loads := p.Loads()
	require.ErrorIs(t, loads[0].Lost, runtime.ErrDeviceLost)
	require.NoError(t, loads[1].Lost)

	out := run(models[1])
	require.NoError(t, out[0].Err)
	require.ErrorIs(t, out[len(out)-1].Err, runtime.ErrDeviceLost)
	for _, r := range out {
		if r.Err != nil {
			require.ErrorIs(t, r.Err, runtime.ErrDeviceLost)
		}
	}
}

// Whoever stops early, or cancels, gets the devices back at once.
func TestAPoolStopsWhenItsCallerDoes(t *testing.T) {
	p, _ := openPool(t, dualencoder.Options{MaxBatch: 1})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	read := 0
	var endless iter.Seq[string] = func(yield func(string) bool) {
		for read = 0; yield("cat"); read++ {
		}
	}
	for i := range p.StreamTexts(ctx, endless, dualencoder.EmbedOptions{}) {
		if i == 2 {
			break
		}
	}
	require.Less(t, read, 100, "read ahead")
	var last error
	for i, r := range p.StreamTexts(ctx, endless, dualencoder.EmbedOptions{}) {
		if last = r.Err; i == 2 {
			cancel()
		}
		require.Less(t, i, 1000)
	}
	require.ErrorIs(t, last, context.Canceled)
}

func TestAPoolIsOfOneCheckpoint(t *testing.T) {
	_, err := dualencoder.NewPool()
	require.ErrorContains(t, err, "no model")
	devicetest.Each(t, func(t *testing.T, d *runtime.Device) {
		m := openDefault(t, d, dualencoder.Options{})
		other, err := dualencoder.Open(d, "../testdata/models/vit-bert", dualencoder.Options{})
		require.NoError(t, err)
		defer other.Close()
		_, err = dualencoder.NewPool(m, other)
		require.ErrorContains(t, err, "one checkpoint")
		_, err = dualencoder.NewPool(m, m)
		require.ErrorContains(t, err, "the same")
	})
}
