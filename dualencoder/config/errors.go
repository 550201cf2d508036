package config

import (
	"fmt"
	"strings"
)

// A ValueError reports a value outside of what is allowed.
type ValueError struct {
	File    string // as given to Parse
	Path    string // of the key: text_config.num_attention_heads
	Value   string // as JSON, shortened
	Allowed string
}

func (e *ValueError) Error() string {
	return fmt.Sprintf("config: %s: %s is %s, want %s", e.File, e.Path, e.Value, e.Allowed)
}

// A MissingError reports an absent key that has no default.
type MissingError struct {
	File, Path string
	Allowed    string // what would stand there
}

func (e *MissingError) Error() string {
	return fmt.Sprintf("config: %s: %s is missing, want %s", e.File, e.Path, e.Allowed)
}

// An UnsupportedTowerError reports a model_type that no tower here implements.
type UnsupportedTowerError struct {
	File      string
	Path      string   // vision_config.model_type or text_config.model_type
	ModelType string   // what it names
	Reason    string   // why the class itself cannot run it, where that is known
	Supported []string // the types of that side that work here, sorted
}

func (e *UnsupportedTowerError) Error() string {
	why := ""
	if e.Reason != "" {
		why = " (" + e.Reason + ")"
	}
	return fmt.Sprintf("config: %s: %s is %q%s; supported are %s", e.File, e.Path, e.ModelType, why, strings.Join(e.Supported, ", "))
}
