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
		&BEiT{ViT: beit, LayerScale: 0.1, MeanPooling: true},
		&siglip,
		&dpt,
		&YOLOS{ViT: yolos, DetectionTokens: 100, MidPositions: true},
		&DINOv2{ViT: dinov2, LayerScale: 1, Grid: 14},
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
		{"swin", `"use_absolute_embeddings": true`, "use_absolute_embeddings", "false"},
		{"swin", `"depths": [2, 0]`, "depths", "from 1 to 1000"},
		{"swin", `"depths": []`, "depths", "a list of 1 to 16"},
		{"swin", `"depths": 2`, "depths", "a list"},
		{"swin", `"depths": null`, "depths", "a list"},
		{"swin", `"depths": [1000000000, 2]`, "depths", "from 1 to 1000"},
		{"swin", `"num_heads": [3, 6, 12]`, "num_heads", "each of the 4 stages"},
		{"swin", `"num_heads": [3, 6, 12, 0]`, "num_heads", "from 1"},
		{"swin", `"num_heads": [3, 6, 13, 24]`, "num_heads", "a divisor of the width of stage 2, 384"},
		{"swin", `"embed_dim": 8193`, "embed_dim", "at most 8192"},
		{"swin", `"embed_dim": 0`, "embed_dim", "from 1"},
		{"swin", `"window_size": [7, 7]`, "window_size", "whole number"},
		{"swin", `"window_size": 0`, "window_size", "from 1 to 64"},
		{"swin", `"mlp_ratio": 0.001`, "mlp_ratio", "1 to 262144"},
		{"swin", `"mlp_ratio": NaN`, "mlp_ratio", "from 0"},
		{"swin", `"layer_norm_eps": -1`, "layer_norm_eps", "from 0"},
		{"swin", `"qkv_bias": null`, "qkv_bias", "true or false"},
		{"swin", `"hidden_act": "selu"`, "hidden_act", "one of"},
		{"swin", `"patch_size": [4, 225]`, "patch_size", "at most image_size, 224"},
		{"swin", `"pruned_heads": {"0": [1]}`, "pruned_heads", "not supported"},
		{"donut-swin", `"num_channels": 0`, "num_channels", "from 1"},
		{"donut-swin", `"image_size": [0, 8]`, "image_size", "pair [height, width]"},
		{"swinv2", `"image_size": [31, 64], "pretrained_window_sizes": [2, 2, 2, 2]`, "image_size", "at least 32, for a patch in stage 3"},
		{"swinv2", `"image_size": [63, 224]`, "window_size", "in a picture at least 64 high"},
		{"swinv2", `"window_size": 1`, "window_size", "at least 2"},
		{"swinv2", `"pretrained_window_sizes": [12, 12, 12]`, "pretrained_window_sizes", "each of the 4 stages"},
		{"swinv2", `"pretrained_window_sizes": [12, 12, 12, 1]`, "pretrained_window_sizes", "from 2"},
		{"swinv2", `"pretrained_window_sizes": [[12, 1], 12, 12, 6]`, "pretrained_window_sizes", "pair"},
		{"swinv2", `"pretrained_window_sizes": 12`, "pretrained_window_sizes", "a list"},
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

func TestDefaultsOfSwins(t *testing.T) {
	swin := Swin{EmbedDim: 96, HiddenAct: "gelu", LayerNormEps: 1e-5, ImageHeight: 224, ImageWidth: 224, PatchHeight: 4, PatchWidth: 4, NumChannels: 3,
		QKVBias: true, InitializerRange: 0.02, Stages: []SwinStage{
			{Width: 96, Depth: 2, NumHeads: 3, IntermediateSize: 384, Window: 7, Shift: 3}, {Width: 192, Depth: 2, NumHeads: 6, IntermediateSize: 768, Window: 7, Shift: 3},
			{Width: 384, Depth: 6, NumHeads: 12, IntermediateSize: 1536, Window: 7, Shift: 3}, {Width: 768, Depth: 2, NumHeads: 24, IntermediateSize: 3072, Window: 7, Shift: 3},
		}}
	for _, modelType := range []string{"swin", "donut-swin", "swinv2"} {
		v, err := vision(modelType, "")
		require.NoError(t, err)
		swin.Type = modelType
		if modelType == "swinv2" { // its last stage is one window
			swin.Stages[3].Shift = 0
		}
		require.Equal(t, &swin, v)
		require.Equal(t, 768, v.HiddenDim())
	}
}

func TestSwinV2FitsItsWindowsIntoThePicture(t *testing.T) {
	v, err := vision("swinv2", `, "image_size": [50, 90], "window_size": 6, "depths": [2, 2, 2], "pretrained_window_sizes": [0, 12, [3, 4]], "num_attention_heads": 7`)
	require.NoError(t, err)
	for i, want := range []SwinStage{{Window: 6, Shift: 3}, {Window: 6, Pretrained: [2]int{12, 12}}, {Window: 3, Pretrained: [2]int{3, 4}}} {
		got := v.(*Swin).Stages[i]
		require.Equal(t, want, SwinStage{Window: got.Window, Shift: got.Shift, Pretrained: got.Pretrained})
	}
}
