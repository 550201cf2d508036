package config

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// Every key of a relative has a default, whatever its halves say of themselves.
func TestDefaultsOfTheRelatives(t *testing.T) {
	vision := ViT{HiddenSize: 768, NumLayers: 12, NumHeads: 12, IntermediateSize: 3072, HiddenAct: "quick_gelu", LayerNormEps: 1e-5,
		ImageHeight: 224, ImageWidth: 224, PatchHeight: 32, PatchWidth: 32, NumChannels: 3, QKVBias: true, InitializerRange: 0.02, InitializerFactor: 1}
	bert := BERT{Type: "chinese_clip_text_model", VocabSize: 30522, HiddenSize: 768, NumLayers: 12, NumHeads: 12, IntermediateSize: 3072, HiddenAct: "gelu",
		LayerNormEps: 1e-12, MaxPositions: 512, PositionEmbedding: Absolute, TypeVocabSize: 2, InitializerRange: 0.02}
	for class, want := range map[string]struct {
		dim   int
		scale float64
		text  Text
	}{
		"clip": {512, 2.6592, &CLIPText{Type: "clip_text_model", VocabSize: 49408, HiddenSize: 512, NumLayers: 12, NumHeads: 8, IntermediateSize: 2048,
			HiddenAct: "quick_gelu", LayerNormEps: 1e-5, MaxPositions: 77, EOSTokenID: 49407, InitializerRange: 0.02}},
		"siglip": {768, 0, &CLIPText{Type: "siglip_text_model", VocabSize: 32000, HiddenSize: 768, NumLayers: 12, NumHeads: 12, IntermediateSize: 3072,
			HiddenAct: "gelu_pytorch_tanh", LayerNormEps: 1e-6, MaxPositions: 64, InitializerRange: 0.02}},
		"chinese_clip": {512, 2.6592, &bert},
		"altclip": {768, 2.6592, &AltCLIPText{BERT{Type: "altclip_text_model", VocabSize: 250002, HiddenSize: 1024, NumLayers: 24, NumHeads: 16,
			IntermediateSize: 4096, HiddenAct: "gelu", LayerNormEps: 1e-5, MaxPositions: 514, PositionEmbedding: Absolute, TypeVocabSize: 1,
			PadTokenID: 1, InitializerRange: 0.02}, 768}},
	} {
		for _, halves := range []string{``, `, "text_config": null, "vision_config": {}`, `, "text_config": {"model_type": "x"}, "vision_config": {"model_type": 3}`} {
			c, err := Parse([]byte(fmt.Sprintf(`{"model_type": %q%s}`, class, halves)), "config.json")
			require.NoError(t, err)
			require.Equal(t, class, c.Class)
			require.Equal(t, want.text, c.Text)
			require.Equal(t, want.dim, c.ProjectionDim)
			require.Equal(t, want.scale, c.LogitScaleInit)
			v := vision
			v.Type = class + "_vision_model"
			if class == "siglip" {
				v.PatchHeight, v.PatchWidth, v.HiddenAct, v.LayerNormEps, v.InitializerFactor = 16, 16, "gelu_pytorch_tanh", 1e-6, 0
			}
			require.Equal(t, &v, c.Vision)
		}
	}
}

// The older spelling of a half replaces the newer one, defaults included; of
// SigLIP there is none.
func TestTheOlderSpellingWins(t *testing.T) {
	const halves = `, "text_config": {"hidden_size": 96, "eos_token_id": 2}, "text_config_dict": {"hidden_size": 48},
		"vision_config": {"hidden_size": 96, "num_hidden_layers": 3}, "vision_config_dict": {"hidden_size": 24}}`
	for class, heads := range map[string]int{"clip": 8, "chinese_clip": 12} {
		c, err := Parse([]byte(fmt.Sprintf(`{"model_type": %q%s`, class, halves)), "config.json")
		require.NoError(t, err)
		require.Equal(t, 24, c.Vision.HiddenDim())
		require.Equal(t, 12, c.Vision.(*ViT).NumLayers)
		require.Equal(t, 48, c.Text.HiddenDim())
		if text, ok := c.Text.(*CLIPText); ok {
			require.Equal(t, []int{heads, 49407}, []int{text.NumHeads, text.EOSTokenID})
		}
	}
	c, err := Parse([]byte(`{"model_type": "siglip"`+halves), "config.json")
	require.NoError(t, err)
	require.Equal(t, []int{96, 96}, []int{c.Vision.HiddenDim(), c.Text.HiddenDim()})
}

func TestAValueOfARelativeOutOfItsRangeIsNamed(t *testing.T) {
	for _, c := range []struct{ class, path, config, want string }{
		{"clip", "text_config.eos_token_id", `"text_config": {"eos_token_id": null}`, "whole number"},
		{"clip", "text_config.eos_token_id", `"text_config": {"eos_token_id": -1}`, "from 0"},
		{"clip", "text_config_dict.num_attention_heads", `"text_config_dict": {"num_attention_heads": 5}`, "a divisor of hidden_size, 512"},
		{"clip", "vision_config.patch_size", `"vision_config": {"patch_size": 225}`, "at most image_size, 224"},
		{"clip", "text_config", `"text_config": [1]`, "an object"},
		{"clip", "projection_dim", `"projection_dim": 0`, "from 1"},
		{"siglip", "vision_config.hidden_size", `"vision_config": {"hidden_size": 1152}`, "text_config.hidden_size, 768"},
		{"chinese_clip", "text_config.type_vocab_size", `"text_config": {"type_vocab_size": 0}`, "from 1"},
		{"altclip", "text_config.project_dim", `"text_config": {"project_dim": 0}`, "from 1"},
		{"altclip", "text_config.max_position_embeddings", `"text_config": {"max_position_embeddings": 2}`, "more than pad_token_id + 1"},
	} {
		_, err := Parse([]byte(fmt.Sprintf(`{"model_type": %q, %s}`, c.class, c.config)), "dir/config.json")
		var v *ValueError
		require.True(t, errors.As(err, &v), "%s: %v", c.config, err)
		require.Equal(t, c.path, v.Path)
		require.ErrorContains(t, err, c.want)
		require.ErrorContains(t, err, "dir/config.json")
	}
}
