package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
)

// FileName is what transformers calls the file.
const FileName = "config.json"

// ModelType is the model_type of VisionTextDualEncoder.
const ModelType = "vision-text-dual-encoder"

// maxBytes bounds the file: real ones have a few kilobytes, with many labels a
// megabyte.
const maxBytes = 64 << 20

// A Config is the configuration of a VisionTextDualEncoder, or of one of its
// relatives.
type Config struct {
	Class          string  // its model_type: one of Classes
	ProjectionDim  int     // of embeddings
	LogitScaleInit float64 // the logarithm of the temperature's inverse, where training starts
	Vision         Vision
	Text           Text

	raw map[string]json.RawMessage
}

// PaddingRow is the row of the text tower's word table that stands for padding,
// by its pad_token_id; -1: none does.
func (c *Config) PaddingRow() int {
	s := section{raw: c.raw, errs: new([]error)}
	text, _ := s.object("text_config")
	row := 0
	switch t := c.Text.(type) {
	case *BERT:
		row = t.PadTokenID
	case *XMOD:
		row = t.PadTokenID
	case *MPNet:
		return t.PadTokenID
	}
	switch vocab := text.integer("vocab_size", maxVocab, 1, maxVocab); {
	case text.null("pad_token_id"):
		return -1
	case text.has("pad_token_id"):
		if row = text.integer("pad_token_id", row, -maxVocab, maxVocab); row < 0 {
			row += vocab // it counts from the end
		}
	}
	return row
}

// Load reads config.json of fsys; name, the folder, appears in errors.
func Load(fsys fs.FS, name string) (*Config, error) {
	data, err := Read(fsys, name)
	if err != nil {
		return nil, err
	}
	return Parse(data, within(name))
}

func within(folder string) string {
	if folder == "" {
		return FileName
	}
	return strings.TrimSuffix(folder, "/") + "/" + FileName
}

// Read returns the text of a folder's config.json.
func Read(fsys fs.FS, name string) ([]byte, error) {
	path := within(name)
	info, err := fs.Stat(fsys, FileName)
	if err == nil && info.Size() > maxBytes {
		return nil, fmt.Errorf("config: %s: %d bytes, want at most %d", path, info.Size(), maxBytes)
	}
	data, err := fs.ReadFile(fsys, FileName)
	if err != nil {
		var p *fs.PathError
		if errors.As(err, &p) {
			err = p.Err
		}
		return nil, fmt.Errorf("config: %s: %w", path, err)
	}
	return data, nil
}

// Parse reads and checks a config; file names it in errors. The error joins
// everything that is wrong.
func Parse(data []byte, file string) (*Config, error) {
	raw, err := parseObject(data)
	if err != nil {
		return nil, fmt.Errorf("config: %s: %w", file, err)
	}
	var errs []error
	s := section{file: file, raw: raw, errs: &errs}
	c := &Config{Class: s.choice("model_type", ModelType, Classes()), raw: raw}
	classes[c.Class](s, c)
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return c, nil
}

// tower opens a sub-config, with its model_type and what reads it; nil after an error.
func tower[T any](s section, name string, known map[string]func(section, string) T) (sub section, modelType string, read func(section, string) T) {
	supported := slices.Sorted(maps.Keys(known))
	oneOf := "one of " + strings.Join(supported, ", ")
	sub, ok := s.object(name)
	if !ok {
		if !s.has(name) || s.null(name) {
			*s.errs = append(*s.errs, &MissingError{File: s.file, Path: name, Allowed: "the tower's config"})
		}
		return sub, "", nil
	}
	t, ok := unquote(sub.raw["model_type"])
	switch read = known[t]; {
	case ok && read == nil:
		*s.errs = append(*s.errs, &UnsupportedTowerError{
			File: s.file, Path: sub.key("model_type"), ModelType: t, Reason: reason(name, t), Supported: supported,
		})
	case !ok && sub.has("model_type"):
		sub.wrong("model_type", oneOf)
	case !ok:
		*s.errs = append(*s.errs, &MissingError{File: s.file, Path: sub.key("model_type"), Allowed: oneOf})
	}
	return sub, t, read
}
