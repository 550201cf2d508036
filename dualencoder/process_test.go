package dualencoder_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/vkdual/vkdual/dualencoder"
	"github.com/vkdual/vkdual/dualencoder/defaultmodel"
	"github.com/vkdual/vkdual/dualencoder/imageprocessor"
	"github.com/vkdual/vkdual/dualencoder/imageprocessor/pillow"
	"github.com/vkdual/vkdual/dualencoder/tokenizer"
)

// TestProcess: the processor as HuggingFace's: texts, pictures, both, neither.
func TestProcess(t *testing.T) {
	p := dualencoder.NewProcessor(defaultmodel.FS(), defaultmodel.Name)
	texts := []string{"a", "a rocket in the night"}
	rocket := imageprocessor.File(filepath.Join("..", "testdata", "pictures", "rocket.png"), pillow.DecodeOptions{})
	pad := tokenizer.Options{Padding: tokenizer.PadLongest}

	both, err := p.Process(t.Context(), texts, []imageprocessor.Source{rocket, rocket}, pad)
	require.NoError(t, err)
	require.Equal(t, []int{2, 3, 48, 48}, both.PixelValues.Shape)
	images, err := p.Images()
	require.NoError(t, err)
	want, err := images.ProcessFile(rocket.Name, pillow.DecodeOptions{})
	require.NoError(t, err)
	require.Equal(t, append(want.Data, want.Data...), both.PixelValues.Data)
	tok, err := p.Tokenizer()
	require.NoError(t, err)
	b, err := tok.Encode(texts, pad)
	require.NoError(t, err)
	require.Equal(t, []int{2, len(b.InputIDs[0])}, both.InputIDs.Shape)
	require.Equal(t, append(b.InputIDs[0], b.InputIDs[1]...), both.InputIDs.Data)
	require.Equal(t, append(b.AttentionMask[0], b.AttentionMask[1]...), both.AttentionMask.Data)
	require.Equal(t, append(b.TokenTypeIDs[0], b.TokenTypeIDs[1]...), both.TokenTypeIDs.Data)

	only, err := p.Process(t.Context(), texts, nil, pad)
	require.NoError(t, err)
	require.Nil(t, only.PixelValues)
	require.Equal(t, both.InputIDs, only.InputIDs)
	only, err = p.Process(t.Context(), nil, []imageprocessor.Source{rocket, rocket}, tokenizer.Options{})
	require.NoError(t, err)
	require.Equal(t, dualencoder.Inputs{PixelValues: both.PixelValues}, only)

	_, err = p.Process(t.Context(), nil, nil, pad)
	require.ErrorIs(t, err, dualencoder.ErrNoInput)
	_, err = p.Process(t.Context(), texts, nil, tokenizer.Options{})
	var input *dualencoder.InputError
	require.ErrorAs(t, err, &input)
	require.ErrorContains(t, err, "ask for padding")
	_, err = p.Process(t.Context(), nil, []imageprocessor.Source{rocket, imageprocessor.File("process_test.go", pillow.DecodeOptions{})}, pad)
	var broken *pillow.DecodeError
	require.ErrorAs(t, err, &broken)
}
