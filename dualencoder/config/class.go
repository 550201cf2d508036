package config

import (
	"maps"
	"slices"
)

// classes are the classes of dual encoder, by model_type: what each reads of
// its config.json.
var classes = map[string]func(section, *Config){
	ModelType:      readPair,
	"clip":         readCLIP,
	"siglip":       readSigLIP,
	"chinese_clip": readChineseCLIP,
	"altclip":      readAltCLIP,
}

// Classes are the supported values of model_type, sorted.
func Classes() []string { return slices.Sorted(maps.Keys(classes)) }

// readPair reads a VisionTextDualEncoder: any two towers.
func readPair(s section, c *Config) {
	s.commonSpace(c, 512)
	if sub, t, read := tower(s, "vision_config", visions); read != nil {
		c.Vision = read(sub, t)
	}
	if sub, t, read := tower(s, "text_config", texts); read != nil {
		c.Text = read(sub, t)
	}
}

// commonSpace reads what makes embeddings of pooled outputs and logits of
// embeddings.
func (s section) commonSpace(c *Config, dim int) {
	c.ProjectionDim = s.integer("projection_dim", dim, 1, maxHidden)
	c.LogitScaleInit = s.number("logit_scale_init_value", 2.6592, -1e3, 1e3)
}

// half opens vision_config or text_config of a class that has towers of its
// own: it may be absent, and says nothing by its model_type. The older
// spelling, with _dict, wins wholly where it is there, defaults included.
func (s section) half(name string) section {
	sub, ok := s.object(name + "_dict")
	if !ok {
		sub, _ = s.object(name)
	}
	return sub
}
