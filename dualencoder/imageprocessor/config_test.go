package imageprocessor_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/vkdual/vkdual/dualencoder/imageprocessor"
	"github.com/vkdual/vkdual/dualencoder/imageprocessor/pillow"
)

// TestConfigErrors: each error names the file, the key, its value and what is
// allowed.
func TestConfigErrors(t *testing.T) {
	const vit = `"image_processor_type": "ViTImageProcessor"`
	for _, c := range []struct{ config, key, value, allowed string }{
		{`{` + vit + `, "size": 0}`, "size", "0", "from 1 to 16384"},
		{`{` + vit + `, "size": -3}`, "size", "-3", "from 1 to 16384"},
		{`{` + vit + `, "size": 1000000000}`, "size", "1000000000", "from 1 to 16384"},
		{`{` + vit + `, "size": 1e99}`, "size", "1e99", "from 1 to 16384"},
		{`{` + vit + `, "size": 224.5}`, "size", "224.5", "whole number"},
		{`{` + vit + `, "size": "224"}`, "size", `"224"`, "whole number"},
		{`{` + vit + `, "size": [224]}`, "size", "[224]", "[height, width]"},
		{`{` + vit + `, "size": {"height": 224}}`, "size", `{"height":224}`, `{"height", "width"}`},
		{`{` + vit + `, "size": {"height": 224, "width": 224, "depth": 3}}`, "size", "depth", `{"height", "width"}`},
		{`{` + vit + `, "size": {"height": 224, "width": 0}}`, "size", `"width":0`, "from 1 to 16384"},
		{`{` + vit + `, "size": {"shortest_edge": 224}}`, "size", `{"shortest_edge":224}`, "knows no shortest edge"},
		{`{` + vit + `, "size": {}}`, "size", `{}`, `{"height", "width"}`},
		{`{` + vit + `, "resample": 6}`, "resample", "6", "5 (hamming)"},
		{`{` + vit + `, "resample": "bicubic"}`, "resample", `"bicubic"`, "3 (bicubic)"},
		{`{` + vit + `, "resample": null}`, "resample", "null", "3 (bicubic)"},
		{`{` + vit + `, "image_std": [0.5, 0, 0.5]}`, "image_std", "[0.5,0,0.5]", "from 1e-6"},
		{`{` + vit + `, "image_std": 0}`, "image_std", "0", "from 1e-6"},
		{`{` + vit + `, "image_mean": [0.5, 0.5]}`, "image_mean", "[0.5,0.5]", "three numbers"},
		{`{` + vit + `, "rescale_factor": 0}`, "rescale_factor", "0", "above 0"},
		{`{` + vit + `, "do_resize": "yes"}`, "do_resize", `"yes"`, "true or false"},
		{`{"image_processor_type": "CLIPImageProcessor", "crop_size": 0}`, "crop_size", "0", "from 1 to 16384"},
		{`{"image_processor_type": "CLIPImageProcessor", "crop_size": {"shortest_edge": 3}}`, "crop_size", `{"shortest_edge":3}`, "height"},
		{`{"image_processor_type": "ChineseCLIPImageProcessor"}`, "size", "", "cannot scale to a shortest edge"},
		{`{"image_processor_type": "SiglipImageProcessor", "size": 224}`, "size", "224", "cannot scale to a shortest edge"},
		{`{"image_processor_type": "ConvNextImageProcessor", "crop_pct": 2}`, "crop_pct", "2", "at most 1"},
		{`{"image_processor_type": "ConvNextImageProcessor", "size": 300, "crop_pct": 1e-9}`, "crop_pct", "1e-9", "at most 16384"},
		{`{"image_processor_type": "YolosImageProcessor", "size": {"shortest_edge": 32}}`, "size", `{"shortest_edge":32}`, "longest_edge"},
		{`{"image_processor_type": "DPTImageProcessor", "do_pad": true}`, "size_divisor", "", "do_pad"},
		{`{"image_processor_type": "SamImageProcessor"}`, "image_processor_type", `"SamImageProcessor"`, "CLIPImageProcessor"},
		{`{"feature_extractor_type": "SamFeatureExtractor"}`, "feature_extractor_type", `"SamFeatureExtractor"`, "ViTImageProcessor"},
		{`{"image_processor_type": 3}`, "image_processor_type", "3", "a string"},
		{`{"size": 224}`, "image_processor_type", "", "ViTImageProcessor"},
		{`[]`, "", "", "a JSON object"},
		{`null`, "", "", "a JSON object"},
		{``, "", "", "a JSON object"},
	} {
		_, err := imageprocessor.OpenFS(fstest.MapFS{"preprocessor_config.json": {Data: []byte(c.config)}})
		var config *imageprocessor.ConfigError
		if !errors.As(err, &config) {
			t.Errorf("%s: %T %v", c.config, err, err)
			continue
		}
		if config.Key != c.key || !strings.Contains(config.Value, c.value) || !strings.Contains(config.Allowed, c.allowed) {
			t.Errorf("%s: %v", c.config, err)
		}
		if !strings.Contains(err.Error(), "preprocessor_config.json") {
			t.Errorf("%s: the file is not named: %v", c.config, err)
		}
	}
	if _, err := imageprocessor.Open(t.TempDir()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

// TestClassFromModel: the oldest files name no class; a plain CLIP's config.json
// then decides, and one of two towers does not.
func TestClassFromModel(t *testing.T) {
	open := func(model string) (*imageprocessor.Processor, error) {
		return imageprocessor.OpenFS(fstest.MapFS{
			"preprocessor_config.json": {Data: []byte(`{"size": 64, "crop_size": 60}`)},
			"config.json":              {Data: []byte(model)},
		})
	}
	p, err := open(`{"model_type": "clip"}`)
	if err != nil || p.Class() != "CLIPImageProcessor" {
		t.Errorf("clip: %v %v", p, err)
	}
	if p, err := open(`{"model_type": "x", "image_processor_type": "DeiTImageProcessor"}`); err != nil || p.Class() != "DeiTImageProcessor" {
		t.Errorf("named: %v %v", p, err)
	}
	if _, err := open(`{"model_type": "vision-text-dual-encoder"}`); err == nil {
		t.Error("two towers say nothing of the processor")
	}
}

// TestSize: the size is given where it does not depend on the picture.
func TestSize(t *testing.T) {
	for config, want := range map[string][2]int{
		`{"image_processor_type": "ViTImageProcessor", "size": [20, 30]}`:                                          {20, 30},
		`{"image_processor_type": "ViTImageProcessor", "do_resize": false}`:                                        {0, 0},
		`{"image_processor_type": "CLIPImageProcessor", "size": 40, "crop_size": 32}`:                              {32, 32},
		`{"image_processor_type": "CLIPImageProcessor", "size": 31, "crop_size": 32}`:                              {0, 0},
		`{"image_processor_type": "CLIPImageProcessor", "size": 40, "do_center_crop": false}`:                      {0, 0},
		`{"image_processor_type": "ConvNextImageProcessor", "size": 384}`:                                          {384, 384},
		`{"image_processor_type": "ConvNextImageProcessor", "size": 100}`:                                          {100, 100},
		`{"image_processor_type": "DPTImageProcessor", "size": 50, "do_pad": true, "size_divisor": 16}`:            {64, 64},
		`{"image_processor_type": "DPTImageProcessor", "keep_aspect_ratio": true, "ensure_multiple_of": 32}`:       {0, 0},
		`{"image_processor_type": "YolosImageProcessor"}`:                                                          {0, 0},
		`{"image_processor_type": "DonutImageProcessor", "size": {"height": 40, "width": 60}}`:                     {40, 60},
		`{"image_processor_type": "DonutImageProcessor", "size": {"height": 40, "width": 60}, "do_pad": false}`:    {0, 0},
		`{"feature_extractor_type": "DeiTFeatureExtractor", "size": 256, "crop_size": 224, "image_mean": [0,0,0]}`: {224, 224},
	} {
		p, err := imageprocessor.Parse("test", []byte(config))
		if err != nil {
			t.Errorf("%s: %v", config, err)
			continue
		}
		if c, h, w := p.Size(); c != 3 || h != want[0] || w != want[1] {
			t.Errorf("%s: [%d %d %d], want %v", config, c, h, w, want)
		}
	}
}

// TestOddPictures: pictures of extreme shapes cost what their result costs.
func TestOddPictures(t *testing.T) {
	p, err := imageprocessor.Parse("test", []byte(`{"image_processor_type": "CLIPImageProcessor"}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range [][2]int{{1, 1}, {30000, 1}, {1, 30000}, {3, 3}, {3, 1}} {
		// Scaled, the strips would have 6.7 million columns of 224 rows.
		m := pillow.NewRGB(size[0], size[1])
		for i := range m.Pix {
			m.Pix[i] = 255
		}
		x, err := p.Pixels(m)
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(x.C, x.H, x.W, len(x.Data)); got != "3 224 224 150528" {
			t.Errorf("%v: %s", size, got)
		}
		for i, v := range x.Data {
			if v != x.Data[i/(224*224)*224*224] {
				t.Fatalf("%v: a white picture has value %v at %d", size, v, i)
			}
		}
	}
	if err := p.Process(pillow.NewRGB(2, 2), make([]float32, 5)); err == nil {
		t.Error("room of the wrong size was taken")
	}
}
