package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
)

// Encode writes the config as transformers does: keys sorted, indented by two
// spaces. Keys that are not known here are kept as they were read.
func (c *Config) Encode() ([]byte, error) { return c.EncodeWith(nil) }

// EncodeWith is Encode with other values for some keys.
func (c *Config) EncodeWith(values map[string]any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	var all map[string]any
	d := json.NewDecoder(bytes.NewReader(must(json.Marshal(c.raw))))
	d.UseNumber() // a number is written as it was read
	if err := d.Decode(&all); err != nil {
		return nil, fmt.Errorf("config: encode: %w", err)
	}
	maps.Copy(all, values)
	if err := e.Encode(all); err != nil {
		return nil, fmt.Errorf("config: encode: %w", err)
	}
	return restoreNonFinite(b.Bytes()), nil
}

func must(b []byte, err error) []byte {
	if err != nil {
		panic(err) // the raw messages were valid when they were read
	}
	return b
}
