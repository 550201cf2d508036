package tokenizer

import (
	"errors"
	"fmt"
	"strings"
)

var (
	// ErrNoFiles is wrapped where a folder holds none of the files that describe a tokenizer.
	ErrNoFiles = errors.New("no tokenizer files")
	// ErrNoPadToken is wrapped where padding is asked for and the tokenizer has no padding token.
	ErrNoPadToken = errors.New("the tokenizer has no padding token")
	// ErrLength is wrapped where a call's length options cannot be met.
	ErrLength = errors.New("impossible length")
	// ErrNoUnknown is wrapped where a text needs the unknown token and the vocabulary has none.
	ErrNoUnknown = errors.New("the vocabulary lacks the unknown token")
)

// UnsupportedError says that a tokenizer needs something this package does not have.
type UnsupportedError struct {
	Component string   // where it stands: "normalizer", "model", "tokenizer_class", "file" …
	Name      string   // what it is
	Supported []string // what could stand there instead; may be nil
}

func (e *UnsupportedError) Error() string {
	s := fmt.Sprintf("%s %q is not supported", e.Component, e.Name)
	if len(e.Supported) > 0 {
		s += " (supported: " + strings.Join(e.Supported, ", ") + ")"
	}
	return s
}
