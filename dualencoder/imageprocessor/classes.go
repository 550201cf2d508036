package imageprocessor

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vkdual/vkdual/dualencoder/imageprocessor/pillow"
)

// Means and standard deviations of the classes' defaults, for samples in [0, 1].
func halfMean() [3]float64     { return [3]float64{0.5, 0.5, 0.5} }
func imagenetMean() [3]float64 { return [3]float64{0.485, 0.456, 0.406} }
func imagenetStd() [3]float64  { return [3]float64{0.229, 0.224, 0.225} }
func clipMean() [3]float64     { return [3]float64{0.48145466, 0.4578275, 0.40821073} }
func clipStd() [3]float64      { return [3]float64{0.26862954, 0.26130258, 0.27577711} }

// classes maps a processor's class, without its suffix, to how it reads its
// configuration.
func classes() map[string]func(*fields) recipe {
	return map[string]func(*fields) recipe{
		"ViT":         vit,
		"DeiT":        deit,
		"Beit":        deit, // its own code, the same steps and defaults
		"CLIP":        clip,
		"Bit":         clip,
		"ViTHybrid":   clip,
		"ChineseCLIP": chineseCLIP,
		"Siglip":      siglip,
		"ConvNext":    convNext,
		"DPT":         dpt,
		"Yolos":       yolos,
		"Donut":       donut,
	}
}

// Supported lists the processor classes that can be opened, in order.
func Supported() []string {
	names := slices.Sorted(maps.Keys(classes()))
	for i := range names {
		names[i] += "ImageProcessor"
	}
	return names
}

// classOf names the processor class that a whole checkpoint's model_type
// implies where its preprocessor_config.json does not say.
func classOf(modelType string) string {
	return map[string]string{
		"vit": "ViT", "vit_mae": "ViT", "vit_msn": "ViT", "swin": "ViT", "swinv2": "ViT",
		"deit": "DeiT", "beit": "Beit", "data2vec-vision": "Beit", "clip": "CLIP",
		"bit": "Bit", "dinov2": "Bit", "vit_hybrid": "ViTHybrid", "chinese_clip": "ChineseCLIP",
		"siglip": "Siglip", "convnext": "ConvNext", "convnextv2": "ConvNext", "dpt": "DPT",
		"yolos": "Yolos", "donut-swin": "Donut",
	}[modelType]
}

// recipeOf reads a configuration with the code of its class.
func recipeOf(f *fields, class string) (recipe, error) {
	read, ok := classes()[class]
	if f.err == nil && !ok {
		key := "image_processor_type"
		if _, old := f.raw["feature_extractor_type"]; old && !f.has(key) {
			key = "feature_extractor_type"
		}
		f.fail(key, "one of "+strings.Join(Supported(), ", ")+" (or its older …FeatureExtractor)")
	}
	if f.err != nil {
		return recipe{}, f.err
	}
	r := read(f)
	r.class = class + "ImageProcessor"
	return r, f.err
}

// finish reads what all classes share: rescaling and normalising.
func (r *recipe) finish(f *fields, mean, std [3]float64) {
	r.rescale = f.bool("do_rescale", true)
	r.factor = f.number("rescale_factor", 1.0/255, 1e6)
	r.normalize = f.bool("do_normalize", true)
	r.mean = f.channels("image_mean", mean, "three numbers, or one, of at most 1e6", func(v float64) bool { return v >= -1e6 && v <= 1e6 })
	r.std = f.channels("image_std", std, "three numbers, or one, from 1e-6 to 1e6", func(v float64) bool { return v >= 1e-6 && v <= 1e6 })
}

// readCrop reads do_center_crop and crop_size.
func (r *recipe) readCrop(f *fields) {
	box := f.rectangle("crop_size", dims{224, 224})
	if f.bool("do_center_crop", true) {
		r.crop = &box
	}
}

func vit(f *fields) recipe {
	r := recipe{filter: f.filter(pillow.Bilinear)}
	to := f.rectangle("size", dims{224, 224})
	if f.bool("do_resize", true) {
		r.resize = exactly(to)
	}
	r.finish(f, halfMean(), halfMean())
	return r
}

func deit(f *fields) recipe {
	r := recipe{filter: f.filter(pillow.Bicubic)}
	to := f.rectangle("size", dims{256, 256})
	if f.bool("do_resize", true) {
		r.resize = exactly(to)
	}
	r.readCrop(f)
	r.finish(f, halfMean(), halfMean())
	return r
}

func clip(f *fields) recipe {
	r := recipe{filter: f.filter(pillow.Bicubic)}
	s := f.size("size", size{shortest: 224}, false)
	if _, square := f.raw["use_square_size"]; square && s.shortest > 0 && f.class() == "CLIP" {
		s = size{height: s.shortest, width: s.shortest}
	}
	if f.bool("do_resize", true) {
		r.resize = shortestEdge(s.shortest)
		if s.height > 0 {
			r.resize = exactly(dims{s.height, s.width})
		}
	}
	r.readCrop(f)
	r.finish(f, clipMean(), clipStd())
	return r
}

// chineseCLIP scales to height and width. Its default, a shortest edge, fails
// in the reference too: the configuration has to give both.
func chineseCLIP(f *fields) recipe {
	r := recipe{filter: f.filter(pillow.Bicubic)}
	s := f.size("size", size{shortest: 224}, false)
	r.readFixed(f, s)
	r.readCrop(f)
	r.finish(f, clipMean(), clipStd())
	return r
}

// siglip takes no bare number: the reference makes it a shortest edge, then
// looks for a height.
func siglip(f *fields) recipe {
	r := recipe{filter: f.filter(pillow.Bicubic)}
	s := f.size("size", size{height: 224, width: 224}, false)
	r.readFixed(f, s)
	r.finish(f, halfMean(), halfMean())
	return r
}

func convNext(f *fields) recipe {
	r := recipe{filter: f.filter(pillow.Bilinear)}
	s := f.size("size", size{shortest: 384}, false)
	part := f.number("crop_pct", 224.0/256, 1)
	if f.bool("do_resize", true) {
		switch {
		case s.shortest == 0:
			f.fail("size", `a whole number or {"shortest_edge"}`)
		case s.shortest >= 384: // warped, nothing is cut off
			r.resize = exactly(dims{s.shortest, s.shortest})
		default:
			scaled := float64(s.shortest) / part
			if scaled > maxSide {
				f.fail("crop_pct", fmt.Sprintf("a part of size that scales to at most %d", maxSide))
				return r
			}
			r.resize = shortestEdge(int(scaled))
			r.crop = &dims{s.shortest, s.shortest}
		}
	}
	r.finish(f, halfMean(), halfMean())
	return r
}

func dpt(f *fields) recipe {
	r := recipe{filter: f.filter(pillow.Bicubic)}
	to := f.rectangle("size", dims{384, 384})
	multiple := f.length("ensure_multiple_of", 1)
	aspect := f.bool("keep_aspect_ratio", false)
	if f.bool("do_resize", true) {
		r.resize = multiples(to, multiple, aspect)
	}
	if f.bool("do_pad", false) {
		if !f.has("size_divisor") {
			f.fail("size_divisor", fmt.Sprintf("a whole number from 1 to %d where do_pad is true", maxSide))
		}
		r.divisor = f.length("size_divisor", 1)
	}
	r.finish(f, halfMean(), halfMean())
	return r
}

func yolos(f *fields) recipe {
	r := recipe{filter: f.filter(pillow.Bilinear)}
	def := size{shortest: 800, longest: 1333}
	s := f.size("size", def, false)
	if s.shortest > 0 && s.longest == 0 {
		if raw := f.raw["size"]; len(raw) > 0 && raw[0] == '{' {
			f.fail("size", `{"shortest_edge", "longest_edge"} or {"height", "width"}`)
		}
		s.longest = f.length("max_size", 1333)
	}
	if f.bool("do_resize", true) {
		r.resize = sixteenths(s.shortest, s.longest)
		if s.height > 0 {
			r.resize = exactly(dims{s.height, s.width})
		}
	}
	r.padBatch = f.bool("do_pad", true)
	if _, old := f.raw["pad_and_return_pixel_mask"]; old {
		r.padBatch = f.bool("pad_and_return_pixel_mask", true)
	}
	r.finish(f, imagenetMean(), imagenetStd())
	return r
}

func donut(f *fields) recipe {
	r := recipe{filter: f.filter(pillow.Bilinear)}
	to := f.rectangle("size", dims{2560, 1920})
	if raw := f.raw["size"]; len(raw) > 0 && raw[0] == '[' {
		to = dims{to.width, to.height} // old files give width first
	}
	if f.bool("do_align_long_axis", false) {
		r.align = &to
	}
	if f.bool("do_resize", true) {
		r.resize = shortestEdge(min(to.height, to.width))
	}
	if f.bool("do_thumbnail", true) {
		r.thumbnail = &to
	}
	if f.bool("do_pad", true) {
		r.pad = &to
	}
	r.finish(f, halfMean(), halfMean())
	return r
}

// readFixed reads a scaling to height and width of a class that has no other.
func (r *recipe) readFixed(f *fields, s size) {
	switch {
	case !f.bool("do_resize", true):
	case s.height == 0:
		f.fail("size", `[height, width] or {"height", "width"}: this class cannot scale to a shortest edge`)
	default:
		r.resize = exactly(dims{s.height, s.width})
	}
}
