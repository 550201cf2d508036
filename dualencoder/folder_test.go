//go:build unix

package dualencoder

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/jpeg"
	"iter"
	"math/rand/v2"
	goruntime "runtime"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/vkdual/vkdual/dualencoder/config"
	"github.com/vkdual/vkdual/dualencoder/imageprocessor"
	"github.com/vkdual/vkdual/dualencoder/imageprocessor/pillow"
	"github.com/vkdual/vkdual/runtime"
	"github.com/vkdual/vkdual/runtime/devicetest"
)

// A vision tower that takes about as long as decoding, beside next to no text tower.
const smallViT = `{"model_type": "vision-text-dual-encoder", "projection_dim": 64,
	"vision_config": {"model_type": "vit", "hidden_size": 128, "num_hidden_layers": 4, "num_attention_heads": 4, "intermediate_size": 512},
	"text_config": {"model_type": "bert", "hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1, "intermediate_size": 8, "vocab_size": 8}}`

// BenchmarkFolder embeds 200 JPEGs of 0.8 megapixels. cpu-of-sum is the
// processor time of that as a part of what decoding alone and the model alone
// take together: more than 1 is lost in between. of-slower is how near the whole
// comes to the slower of the two in time where decoding needs no processor: it
// waits for as long as the model takes, which is the hardest case.
func BenchmarkFolder(b *testing.B) {
	const count = 200
	file := photograph(b)
	decode := func() (pillow.Picture, error) { return pillow.Open(file, pillow.DecodeOptions{}) }
	devicetest.Bench(b, func(b *testing.B, d *runtime.Device) {
		m := newSmall(b, d, smallViT)
		images, err := m.processor.Images()
		require.NoError(b, err)
		picture, err := decode()
		require.NoError(b, err)
		pixels, err := images.Pixels(picture)
		require.NoError(b, err)

		ctx := context.Background()
		whole := func(load func() (pillow.Picture, error)) {
			for _, r := range m.StreamImages(ctx, sources(count, load), EmbedOptions{}) {
				require.NoError(b, r.Err)
			}
		}
		decoding := func() {
			for _, r := range images.Stream(ctx, sources(count, decode)) {
				require.NoError(b, r.Err)
			}
		}
		model := func() {
			done := slices.Repeat([]imageprocessor.Result{{Pixels: pixels}}, count)
			for _, r := range m.alone().streamPixels(ctx, slices.All(done), EmbedOptions{}) {
				require.NoError(b, r.Err)
			}
		}
		model() // records the programs
		small := pillow.NewRGB(224, 224)
		var sum, all, alone, together time.Duration
		for b.Loop() {
			sum += spent(b, decoding) + spent(b, model)
			all += spent(b, func() { whole(decode) })

			begin := time.Now()
			model()
			took := time.Since(begin)
			alone += took
			each := took / count * time.Duration(goruntime.GOMAXPROCS(0))
			begin = time.Now()
			whole(func() (pillow.Picture, error) { time.Sleep(each); return small, nil })
			together += time.Since(begin)
		}
		b.ReportMetric(all.Seconds()/sum.Seconds(), "cpu-of-sum")
		b.ReportMetric(alone.Seconds()/together.Seconds(), "of-slower")
	})
}

func newSmall(b *testing.B, d *runtime.Device, source string) *Model {
	cfg, err := config.Parse([]byte(source), "bench")
	require.NoError(b, err)
	m, err := New(d, cfg, 1, Options{})
	require.NoError(b, err)
	b.Cleanup(m.Close)
	m.processor = NewProcessor(fstest.MapFS{"preprocessor_config.json": {Data: []byte(
		`{"image_processor_type": "ViTImageProcessor", "size": {"height": 224, "width": 224}}`)}}, "bench")
	return m
}

// sources are count pictures.
func sources(count int, load func() (pillow.Picture, error)) iter.Seq[imageprocessor.Source] {
	return func(yield func(imageprocessor.Source) bool) {
		for i := range count {
			if !yield(imageprocessor.Source{Name: fmt.Sprint(i), Load: load}) {
				return
			}
		}
	}
}

// spent is the processor time of f.
func spent(b *testing.B, f func()) time.Duration {
	before := processorTime(b)
	f()
	return processorTime(b) - before
}

// photograph is a JPEG file of 1024 × 768 with detail everywhere.
func photograph(b *testing.B) []byte {
	m := image.NewRGBA(image.Rect(0, 0, 1024, 768))
	r := rand.New(rand.NewPCG(1, 2))
	for i := range m.Pix {
		m.Pix[i] = uint8(i/4%1024/8 + i/4096/6 + r.IntN(16))
	}
	var buf bytes.Buffer
	require.NoError(b, jpeg.Encode(&buf, m, &jpeg.Options{Quality: 85}))
	return buf.Bytes()
}
