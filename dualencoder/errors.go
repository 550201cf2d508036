package dualencoder

import (
	"errors"
	"fmt"

	"github.com/vkdual/vkdual/dualencoder/config"
	"github.com/vkdual/vkdual/dualencoder/weights"
)

// What opening a model can report; use errors.As.
type (
	// ConfigError is a value of config.json outside of what is allowed.
	ConfigError = config.ValueError
	// MissingConfigError is an absent key without a default.
	MissingConfigError = config.MissingError
	// UnsupportedTowerError is a model_type that no tower here implements.
	UnsupportedTowerError = config.UnsupportedTowerError
	// MissingWeightError is a parameter that the checkpoint lacks.
	MissingWeightError = weights.MissingError
	// WeightShapeError is a parameter of another shape than the config asks for.
	WeightShapeError = weights.ShapeError
	// UnusedWeightsError, when Options.Strict is set, is a stored tensor without a use.
	UnusedWeightsError = weights.UnusedError
)

// ErrClosed is what a closed model reports.
var ErrClosed = errors.New("dualencoder: the model is closed")

// ErrNotFinite is the fault of an embedding, or a classification, with numbers
// that are none: nothing could be compared with it. Broken weights make such.
var ErrNotFinite = errors.New("dualencoder: the result is not finite: the model's weights are broken, or too large for its dtype")

// An InputError reports an input that the model cannot take. Nothing has run.
type InputError struct {
	Input string // by HuggingFace's name: input_ids, pixel_values, …
	Value string
	Want  string
}

func (e *InputError) Error() string {
	return fmt.Sprintf("dualencoder: %s: %s, want %s", e.Input, e.Value, e.Want)
}

// A TruncatedError reports, under EmbedOptions.Strict, a text of more tokens
// than the model has positions.
type TruncatedError struct{ Tokens, Limit int }

func (e *TruncatedError) Error() string {
	return fmt.Sprintf("dualencoder: the text has %d tokens, the model takes at most %d", e.Tokens, e.Limit)
}
