package config

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// vision parses a vision tower's keys.
func vision(modelType, keys string) (Vision, error) {
	c, err := Parse([]byte(fmt.Sprintf(`{"vision_config": {"model_type": %q%s}, "text_config": {"model_type": "bert"}}`, modelType, keys)), "config.json")
	if err != nil {
		return nil, err
	}
	return c.Vision, nil
}

func TestDefaultsOfVisionTowers(t *testing.T) {
	vit := ViT{Type: "vit", HiddenSize: 768, NumLayers: 12, NumHeads: 12, IntermediateSize: 3072, HiddenAct: "gelu", LayerNormEps: 1e-12,
		ImageHeight: 224, ImageWidth: 224, PatchHeight: 16, PatchWidth: 16, NumChannels: 3, QKVBias: true, InitializerRange: 0.02}
	dinov2 := vit
	dinov2.Type, dinov2.LayerNormEps = "dinov2", 1e-6
	beit := vit
	beit.Type = "beit"
	dpt, yolos := vit, vit
	dpt.Type, dpt.ImageHeight, dpt.ImageWidth = "dpt", 384, 384
	yolos.Type, yolos.ImageHeight, yolos.ImageWidth = "yolos", 512, 864
	siglip := vit
	siglip.Type, siglip.HiddenAct, siglip.LayerNormEps = "siglip_vision_model", "gelu_pytorch_tanh", 1e-6
	for _, want := range []Vision{
		&BEiT{ViT: beit, LayerScale: true, MeanPooling: true},
		&siglip,
		&dpt,
		&YOLOS{ViT: yolos, DetectionTokens: 100, MidPositions: true},
		&DINOv2{ViT: dinov2, Grid: 14},
	} {
		got, err := vision(want.ModelType(), "")
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}

func TestDINOv2SizesItsMLP(t *testing.T) {
	for _, c := range []struct {
		keys string
		want int
	}{
		{`, "hidden_size": 12, "mlp_ratio": 2.7`, 32},
		{`, "hidden_size": 12, "mlp_ratio": 2.7, "use_swiglu_ffn": true`, 24},
		{`, "hidden_size": 1536, "mlp_ratio": 4, "use_swiglu_ffn": true`, 4096},
	} {
		v, err := vision("dinov2", c.keys)
		require.NoError(t, err)
		require.Equal(t, c.want, v.(*DINOv2).IntermediateSize)
	}
}

func TestVisionValuesOutOfTheirRangeAreNamed(t *testing.T) {
	for _, c := range []struct{ modelType, keys, path, want string }{
		{"dinov2", `"mlp_ratio": 0`, "mlp_ratio", "1 to 262144"},
		{"dinov2", `"mlp_ratio": -1`, "mlp_ratio", "from 0"},
		{"dinov2", `"use_swiglu_ffn": 1`, "use_swiglu_ffn", "true or false"},
		{"dinov2", `"image_size": [224, 240]`, "image_size", "square number"},
		{"dinov2", `"image_size": 8`, "patch_size", "at most image_size, 8"},
		{"beit", `"layer_scale_init_value": null`, "layer_scale_init_value", "a number"},
		{"beit", `"use_mean_pooling": 0`, "use_mean_pooling", "true or false"},
		{"siglip_vision_model", `"image_size": [224, 224]`, "image_size", "a whole number"},
		{"siglip_vision_model", `"patch_size": [16, 16]`, "patch_size", "a whole number"},
		{"dpt", `"image_size": [32, 48]`, "image_size", "square number"},
		{"dpt", `"patch_size": [16, 16]`, "patch_size", "a whole number"},
		{"dpt", `"is_hybrid": true`, "is_hybrid", "false"},
		{"dpt", `"backbone_config": {"model_type": "dinov2"}`, "backbone_config", "null"},
		{"dpt", `"readout_type": "mean"`, "readout_type", "project"},
		{"yolos", `"image_size": 512`, "image_size", "a pair [height, width]"},
		{"yolos", `"image_size": [24, 24], "patch_size": 16`, "image_size", "patches, 1, as its area has, 2"},
		{"yolos", `"num_hidden_layers": 0`, "num_hidden_layers", "1 or more"},
		{"yolos", `"num_detection_tokens": 0`, "num_detection_tokens", "from 1"},
	} {
		_, err := vision(c.modelType, ", "+c.keys)
		var v *ValueError
		require.ErrorAs(t, err, &v, "%s %s", c.modelType, c.keys)
		require.Equal(t, "vision_config."+c.path, v.Path)
		require.True(t, strings.Contains(err.Error(), c.want), "%s: want it to say %q", err, c.want)
	}
}

// base is the ViT that most vision towers are.
func (v *ViT) base() *ViT { return v }
