package dualencoder

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/vkdual/vkdual/runtime"
	"github.com/vkdual/vkdual/runtime/devicetest"
)

// One side alone gives the very numbers of the whole model, takes part of its
// memory, and is refused the other's inputs. Strict: what is not packed counts as used.
func TestOneSideAlone(t *testing.T) {
	ctx := context.Background()
	devicetest.Each(t, func(t *testing.T, d *runtime.Device) {
		for _, name := range []string{"vit-bert", "clip-roberta", "siglip", "altclip", "swinv2-ernie", "siglip-data2vec"} {
			dir := filepath.Join(models, name)
			in := openReference(t, filepath.Join(dir, "ref.safetensors")).inputs(t, "in")
			texts, pictures := in, Inputs{PixelValues: in.PixelValues}
			texts.PixelValues = nil
			whole := openGolden(t, d, dir, Options{Strict: true})
			for side, inputs := range map[Side][2]Inputs{TextSide: {texts, pictures}, ImageSide: {pictures, texts}} {
				m := openGolden(t, d, dir, Options{Strict: true, Side: side})
				want, err := whole.Forward(ctx, inputs[0], ForwardOptions{})
				require.NoError(t, err)
				got, err := m.Forward(ctx, inputs[0], ForwardOptions{})
				require.NoError(t, err)
				require.Equal(t, want, got, name)
				_, err = m.Forward(ctx, inputs[1], ForwardOptions{})
				var wrong *InputError
				require.ErrorAs(t, err, &wrong)
				require.Contains(t, err.Error(), "for which the model was opened")
			}
		}
		used := map[Side]uint64{}
		for _, side := range []Side{BothSides, TextSide, ImageSide} {
			before := d.UsedBytes()
			m := openGolden(t, d, filepath.Join("defaultmodel", "files"), Options{Side: side})
			used[side] = d.UsedBytes() - before
			if side == TextSide {
				_, err := m.EmbedImages(ctx, []string{"../testdata/pictures/rocket.png"}, EmbedOptions{})
				require.ErrorContains(t, err, "want texts alone")
			}
		}
		const rounding = 4 << 20 // memory is allocated in larger pieces
		require.Less(t, used[TextSide]+used[ImageSide], used[BothSides]+rounding)
		require.Less(t, max(used[TextSide], used[ImageSide]), used[BothSides])
	})
}
