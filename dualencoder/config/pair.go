package config

import (
	"encoding/json"
	"fmt"
)

// A Source is the text of a config.json and the name that errors give it.
type Source struct {
	Text []byte
	Name string
}

// Pair makes the config of a VisionTextDualEncoder of those of its towers, as from_vision_text_configs does: of a
// whole CLIP its vision tower is taken. projectionDim 0 and logitScale nil stand for the class's defaults.
func Pair(vision, text Source, projectionDim int, logitScale *float64) (*Config, error) {
	v, err := parseObject(vision.Text)
	if err != nil {
		return nil, fmt.Errorf("config: %s: %w", vision.Name, err)
	}
	t, err := parseObject(text.Text)
	if err != nil {
		return nil, fmt.Errorf("config: %s: %w", text.Name, err)
	}
	if name, ok := unquote(v["model_type"]); ok && name == "clip" {
		var errs []error
		v = section{file: vision.Name, raw: v, errs: &errs}.half("vision_config").raw
		if len(errs) > 0 {
			return nil, errs[0]
		}
		if v == nil {
			v = map[string]json.RawMessage{}
		}
		v["model_type"] = quote("clip_vision_model")
	}
	raw := map[string]json.RawMessage{
		"architectures":          json.RawMessage(`["VisionTextDualEncoderModel"]`),
		"model_type":             quote(ModelType),
		"projection_dim":         json.RawMessage("512"),
		"logit_scale_init_value": json.RawMessage("2.6592"),
		"vision_config":          must(json.Marshal(v)),
		"text_config":            must(json.Marshal(t)),
	}
	if projectionDim != 0 {
		raw["projection_dim"] = json.RawMessage(fmt.Sprint(projectionDim))
	}
	if logitScale != nil {
		number, err := json.Marshal(*logitScale)
		if err != nil {
			return nil, fmt.Errorf("config: logit scale %v: want a number", *logitScale)
		}
		raw["logit_scale_init_value"] = number
	}
	return Parse(must(json.Marshal(raw)), fmt.Sprintf("%s with %s", vision.Name, text.Name))
}

func quote(s string) json.RawMessage { return must(json.Marshal(s)) }
