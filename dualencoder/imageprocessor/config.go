package imageprocessor

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/vkdual/vkdual/dualencoder/imageprocessor/pillow"
)

// maxSide bounds every length in a configuration.
const maxSide = 1 << 14

// fields reads the keys of one configuration. The first error sticks: later
// reads return their defaults, and the caller looks at err once.
type fields struct {
	file string
	raw  map[string]json.RawMessage
	err  error
}

func readFields(file string, data []byte) (*fields, error) {
	f := &fields{file: file}
	if err := json.Unmarshal(data, &f.raw); err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			err = fmt.Errorf("byte %d: %w", syntax.Offset, err)
		}
		return nil, &ConfigError{File: file, Allowed: "a JSON object", Err: err}
	}
	if f.raw == nil {
		return nil, &ConfigError{File: file, Allowed: "a JSON object, not null"}
	}
	return f, nil
}

// fail records that key's value is not what is allowed.
func (f *fields) fail(key, allowed string) {
	if f.err == nil {
		f.err = &ConfigError{File: f.file, Key: key, Value: brief(f.raw[key]), Allowed: allowed}
	}
}

// brief is a value fit for an error message.
func brief(raw json.RawMessage) string {
	var b bytes.Buffer
	if json.Compact(&b, raw) != nil {
		return string(raw)
	}
	if s := b.String(); len(s) > 80 {
		return s[:77] + "..."
	}
	return b.String()
}

// has reports whether the key is there and not null.
func (f *fields) has(key string) bool {
	raw, ok := f.raw[key]
	return ok && string(raw) != "null"
}

func (f *fields) bool(key string, def bool) bool {
	raw, ok := f.raw[key]
	if !ok {
		return def
	}
	switch string(raw) {
	case "true":
		return true
	case "false", "null": // null is Python's None, which is false
		return false
	}
	f.fail(key, "true or false")
	return def
}

func (f *fields) text(key string) string {
	if !f.has(key) {
		return ""
	}
	var s string
	if json.Unmarshal(f.raw[key], &s) != nil {
		f.fail(key, "a string")
	}
	return s
}

// number reads a value in (0, most].
func (f *fields) number(key string, def, most float64) float64 {
	if !f.has(key) {
		return def
	}
	var v float64
	if json.Unmarshal(f.raw[key], &v) != nil || !(v > 0 && v <= most) {
		f.fail(key, fmt.Sprintf("a number above 0 and at most %g", most))
		return def
	}
	return v
}

// length reads a number of pixels.
func (f *fields) length(key string, def int) int {
	if !f.has(key) {
		return def
	}
	var v int
	if json.Unmarshal(f.raw[key], &v) != nil || v < 1 || v > maxSide {
		f.fail(key, fmt.Sprintf("a whole number from 1 to %d", maxSide))
		return def
	}
	return v
}

func (f *fields) filter(def pillow.Filter) pillow.Filter {
	raw, ok := f.raw["resample"]
	if !ok {
		return def
	}
	v := -1
	if json.Unmarshal(raw, &v) != nil || !pillow.Filter(v).Valid() || string(raw) == "null" {
		f.fail("resample", "0 (nearest), 1 (lanczos), 2 (bilinear), 3 (bicubic), 4 (box) or 5 (hamming)")
		return def
	}
	return pillow.Filter(v)
}

// channels reads three numbers, or one for all three.
func (f *fields) channels(key string, def [3]float64, allowed string, ok func(float64) bool) [3]float64 {
	if !f.has(key) {
		return def
	}
	var one float64
	var v []float64
	if json.Unmarshal(f.raw[key], &one) == nil {
		v = []float64{one, one, one}
	} else if json.Unmarshal(f.raw[key], &v) != nil {
		v = nil
	}
	if len(v) != 3 || !ok(v[0]) || !ok(v[1]) || !ok(v[2]) {
		f.fail(key, allowed)
		return def
	}
	return [3]float64(v)
}

// size is a "size" or "crop_size" in one of its spellings: height and width,
// or the shortest edge with or without a longest. What is not given is 0.
type size struct{ height, width, shortest, longest int }

// size reads a size. A bare number means a square, or the shortest edge where
// the class says so (square false); a pair is height and width.
func (f *fields) size(key string, def size, square bool) size {
	if !f.has(key) {
		return def
	}
	allowed := fmt.Sprintf(`a whole number from 1 to %d, [height, width], {"height", "width"} or {"shortest_edge"}`, maxSide)
	good := func(v int) bool { return v >= 1 && v <= maxSide }

	var n int
	var pair []int
	var keys map[string]int
	switch {
	case json.Unmarshal(f.raw[key], &n) == nil:
		if good(n) && square {
			return size{height: n, width: n}
		} else if good(n) {
			return size{shortest: n}
		}
	case json.Unmarshal(f.raw[key], &pair) == nil:
		if len(pair) == 2 && good(pair[0]) && good(pair[1]) {
			return size{height: pair[0], width: pair[1]}
		}
	case json.Unmarshal(f.raw[key], &keys) == nil:
		for _, v := range keys {
			if !good(v) {
				f.fail(key, allowed)
				return def
			}
		}
		s := size{keys["height"], keys["width"], keys["shortest_edge"], keys["longest_edge"]}
		known := 0
		for _, v := range []int{s.height, s.width, s.shortest, s.longest} {
			if v != 0 {
				known++
			}
		}
		if known == len(keys) && (s.height > 0 && s.width > 0 && known == 2 || s.shortest > 0 && s.height == 0 && s.width == 0) {
			return s
		}
	}
	f.fail(key, allowed)
	return def
}

// rectangle reads a size that must be height and width.
func (f *fields) rectangle(key string, def dims) dims {
	s := f.size(key, size{height: def.height, width: def.width}, true)
	if s.height == 0 {
		f.fail(key, fmt.Sprintf(`a whole number from 1 to %d, [height, width] or {"height", "width"}: this class knows no shortest edge`, maxSide))
		return def
	}
	return dims{s.height, s.width}
}

// class reads the processor's class in its new or old spelling, without its
// suffix: "ViT" from ViTImageProcessor or ViTFeatureExtractor. It is empty
// where the file names none.
func (f *fields) class() string {
	name := f.text("image_processor_type")
	if name == "" {
		name = f.text("feature_extractor_type")
	}
	return strings.TrimSuffix(strings.TrimSuffix(name, "FeatureExtractor"), "ImageProcessor")
}
