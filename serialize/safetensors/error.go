package safetensors

import "fmt"

// Error is a fault of a file: where it is, and what was expected there.
type Error struct {
	File  string // the name given to Open, OpenFS or Parse
	Place string // "header length", "header", `tensor "x"` or "data"
	Fault string // what was found and what was expected
	Err   error  // the cause, where there is one
}

func (e *Error) Error() string {
	text := fmt.Sprintf("safetensors: %s: %s: %s", e.File, e.Place, e.Fault)
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

func (e *Error) Unwrap() error { return e.Err }
