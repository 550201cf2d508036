package dualencoder

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/vkdual/vkdual/dualencoder/imageprocessor"
	"github.com/vkdual/vkdual/runtime"
	"github.com/vkdual/vkdual/runtime/devicetest"
)

// ids is a [texts, tokens] array of one value.
func ids(texts, tokens int, v int64) *Ints {
	x := &Ints{Shape: []int{texts, tokens}, Data: make([]int64, texts*tokens)}
	for i := range x.Data {
		x.Data[i] = v
	}
	return x
}

func pixels(shape ...int) *Floats {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return &Floats{Shape: shape, Data: make([]float32, n)}
}

func TestAWrongInputIsNamedBeforeAnythingRuns(t *testing.T) {
	devicetest.Each(t, func(t *testing.T, d *runtime.Device) {
		bert := openGolden(t, d, filepath.Join(models, "vit-bert"), Options{})        // 120 ids, 40 positions, 2 types, 30×30 pixels
		roberta := openGolden(t, d, filepath.Join(models, "clip-roberta"), Options{}) // 120 ids, 42 positions from 2 on, 1 type
		dinov2 := openGolden(t, d, filepath.Join(models, "dinov2-resized"), Options{})
		swin := openGolden(t, d, filepath.Join(models, "donutswin-bert"), Options{})
		swinv2 := openGolden(t, d, filepath.Join(models, "swinv2-ernie"), Options{})
		beit := openGolden(t, d, filepath.Join(models, "beit-camembert"), Options{})
		bigbird := openGolden(t, d, filepath.Join(models, "extra-bigbird-rescaled"), Options{}) // 12 positions, sparse beyond 14 tokens
		relative := openGolden(t, d, filepath.Join(models, "extra-relative-key"), Options{})    // 12 positions
		negative, short := ids(2, 5, 3), ids(2, 5, 3)
		negative.Data[7] = -1
		short.Data = short.Data[:9]
		for _, c := range []struct {
			m           *Model
			in          Inputs
			loss        bool
			input, says string
		}{
			{bert, Inputs{}, false, "inputs", "input_ids"},
			{bert, Inputs{AttentionMask: ids(1, 3, 1), PixelValues: pixels(1, 3, 30, 30)}, false, "attention_mask", "input_ids"},
			{bert, Inputs{InputIDs: ids(1, 3, 120)}, false, "input_ids", "0 to 119"},
			{bert, Inputs{InputIDs: negative}, false, "input_ids", "-1 at [1 2]"},
			{bert, Inputs{InputIDs: short}, false, "input_ids", "9 elements"},
			{bert, Inputs{InputIDs: ids(1, 41, 3)}, false, "input_ids", "at most 40 tokens"},
			{bigbird, Inputs{InputIDs: ids(1, 15, 3), PositionIDs: ids(1, 15, 3)}, false, "input_ids", "at most 14 tokens"},
			{relative, Inputs{InputIDs: ids(1, 13, 3), PositionIDs: ids(1, 13, 3)}, false, "input_ids", "at most 12 tokens"},
			{bert, Inputs{InputIDs: ids(0, 4, 3)}, false, "input_ids", "[texts tokens]"},
			{bert, Inputs{InputIDs: &Ints{Shape: []int{4}, Data: make([]int64, 4)}}, false, "input_ids", "shape [4]"},
			{bert, Inputs{InputIDs: ids(2, 5, 3), AttentionMask: ids(1, 5, 1)}, false, "attention_mask", "[2 5]"},
			{bert, Inputs{InputIDs: ids(2, 5, 3), AttentionMask: ids(2, 5, 2)}, false, "attention_mask", "0 or 1"},
			{bert, Inputs{InputIDs: ids(2, 5, 3), TokenTypeIDs: ids(2, 5, 2)}, false, "token_type_ids", "0 to 1"},
			{bert, Inputs{InputIDs: ids(2, 5, 3), PositionIDs: ids(2, 5, 40)}, false, "position_ids", "0 to 39"},
			{bert, Inputs{PixelValues: pixels(1, 3, 30, 31)}, false, "pixel_values", "[images 3 30 30]"},
			{bert, Inputs{PixelValues: pixels(1, 1, 30, 30)}, false, "pixel_values", "[images 3 30 30]"},
			{bert, Inputs{PixelValues: pixels(3, 30, 30)}, false, "pixel_values", "[images 3 30 30]"},
			{bert, Inputs{PixelValues: &Floats{Shape: []int{1, 3, -30, -30}, Data: make([]float32, 2700)}}, false, "pixel_values", "[images 3 30 30]"},
			{roberta, Inputs{PixelValues: pixels(1, 3, 30, 40)}, false, "pixel_values", "[images 3 height width] of 9 patches, 10×10 each"},
			{roberta, Inputs{PixelValues: &Floats{Shape: []int{1, 3, -30, -30}, Data: make([]float32, 2700)}}, false, "pixel_values", "9 patches"},
			{dinov2, Inputs{PixelValues: pixels(1, 3, 30, 9)}, false, "pixel_values", "[images 3 height width] of at least 10×10"},
			{dinov2, Inputs{PixelValues: pixels(1, 1, 30, 30)}, false, "pixel_values", "[images 3 height width]"},
			{dinov2, Inputs{PixelValues: &Floats{Shape: []int{1, 3, 1 << 30, 1 << 33}}}, false, "pixel_values", "at least 10×10"},
			{swin, Inputs{PixelValues: pixels(1, 3, 32, 24)}, false, "pixel_values", "[images 3 height width] of at least 25×25, so that windows of window_size, 4 patches, fit into all 2 stages"},
			{swin, Inputs{PixelValues: pixels(1, 3, 24, 32)}, false, "pixel_values", "of at least 25×25"},
			{swinv2, Inputs{PixelValues: pixels(1, 1, 32, 32)}, false, "pixel_values", "[images 3 height width] of at least 1×1"},
			{beit, Inputs{PixelValues: pixels(1, 3, 30, 40)}, false, "pixel_values", "[images 3 height width] of 9 patches"},
			{bert, Inputs{InputIDs: ids(2, 5, 3), PixelValues: pixels(1, 3, 30, 30)}, true, "loss", "1 images and 2 texts"},
			{bert, Inputs{InputIDs: ids(2, 5, 3)}, true, "loss", "0 images"},
			{roberta, Inputs{InputIDs: ids(1, 41, 3)}, false, "input_ids", "at most 40 tokens"},
			{roberta, Inputs{InputIDs: ids(1, 5, 3), TokenTypeIDs: ids(1, 5, 1)}, false, "token_type_ids", "0 to 0"},
		} {
			_, err := c.m.Forward(context.Background(), c.in, ForwardOptions{Loss: c.loss})
			var e *InputError
			require.ErrorAs(t, err, &e)
			require.Equal(t, c.input, e.Input)
			require.ErrorContains(t, err, c.says)
		}

		// Padding stays at its own position: a long row of it fits.
		padded := ids(1, 41, 1)
		padded.Data[0] = 3
		_, err := roberta.Forward(context.Background(), Inputs{InputIDs: padded}, ForwardOptions{})
		require.NoError(t, err)
	})
}

// Pictures of several sizes are embedded as each is alone, in their order.
func TestPicturesOfSeveralSizes(t *testing.T) {
	devicetest.Each(t, func(t *testing.T, d *runtime.Device) {
		ctx := context.Background()
		m := openGolden(t, d, filepath.Join(models, "extra-dinov2-swiglu"), Options{MaxBatch: 2})
		var in []imageprocessor.Result
		for i, size := range [][2]int{{30, 30}, {20, 45}, {30, 30}, {9, 30}, {20, 45}, {30, 30}} {
			px := imageprocessor.Pixels{C: 1, H: size[0], W: size[1], Data: make([]float32, size[0]*size[1])}
			for j := range px.Data {
				px.Data[j] = float32((i+1)*j%7) - 3
			}
			in = append(in, imageprocessor.Result{Name: fmt.Sprint(i), Pixels: px})
		}
		var out []Result
		for _, r := range m.alone().streamPixels(ctx, slices.All(in), EmbedOptions{}) {
			out = append(out, r)
		}
		require.Len(t, out, len(in))
		for i, r := range in {
			if i == 3 {
				require.ErrorContains(t, out[i].Err, "[1 1 9 30], want [images 1 height width] of at least 10×10")
				continue
			}
			require.NoError(t, out[i].Err)
			alone, err := m.Forward(ctx, Inputs{PixelValues: &Floats{Shape: []int{1, 1, r.Pixels.H, r.Pixels.W}, Data: r.Pixels.Data}}, ForwardOptions{})
			require.NoError(t, err)
			requireClose(t, r.Name, &Floats{Shape: []int{1, 9}, Data: out[i].Embedding}, alone.Get(imageEmbeds), nil)
		}
	})
}

// Either side alone gives what it gives beside the other, and one row of
// position ids stands for all.
func TestEitherSideAlone(t *testing.T) {
	devicetest.Each(t, func(t *testing.T, d *runtime.Device) {
		ctx := context.Background()
		m := openGolden(t, d, filepath.Join(models, "vit-bert"), Options{})
		in := openReference(t, filepath.Join(models, "vit-bert", "ref.safetensors")).inputs(t, "in")
		both, err := m.Forward(ctx, in, ForwardOptions{Features: true})
		require.NoError(t, err)
		require.Equal(t, []string{"logits_per_image", "logits_per_text", "text_embeds", "image_embeds",
			"text_model_output.last_hidden_state", "text_model_output.pooler_output",
			"vision_model_output.last_hidden_state", "vision_model_output.pooler_output", "text_features", "image_features"}, names(both))

		image, err := m.Forward(ctx, Inputs{PixelValues: in.PixelValues}, ForwardOptions{})
		require.NoError(t, err)
		require.Equal(t, []string{"image_embeds", "vision_model_output.last_hidden_state", "vision_model_output.pooler_output"}, names(image))
		requireClose(t, "image_embeds", image.Get("image_embeds"), both.Get("image_embeds"), nil)

		in.PixelValues = nil
		in.PositionIDs = &Ints{Shape: []int{1, 13}, Data: []int64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}}
		text, err := m.Forward(ctx, in, ForwardOptions{})
		require.NoError(t, err)
		require.Equal(t, []string{"text_embeds", "text_model_output.last_hidden_state", "text_model_output.pooler_output"}, names(text))
		requireClose(t, "text_embeds", text.Get("text_embeds"), both.Get("text_embeds"), nil)
	})
}

func names(out Outputs) (names []string) {
	for _, o := range out {
		names = append(names, o.Name)
	}
	return names
}
