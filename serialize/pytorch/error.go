package pytorch

import "fmt"

// Error is a fault of a file: where it is, and what was expected there.
type Error struct {
	File  string // the name given to OpenFS or Parse
	Place string // "archive", "data.pkl at byte 197", `tensor "x"`
	Fault string // what was found and what was expected
	Err   error  // the cause, where there is one
}

func (e *Error) Error() string {
	text := fmt.Sprintf("pytorch: %s: %s: %s", e.File, e.Place, e.Fault)
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

func (e *Error) Unwrap() error { return e.Err }

// GlobalError is the cause of an Error where a pickle names a class or a function that no
// state dict needs. It was not called.
type GlobalError struct {
	Name string // "posix.system"
}

func (e *GlobalError) Error() string {
	return fmt.Sprintf("the pickle asks for %s, which no state dict needs: refused, nothing was run; if the file is trusted, save it again as safetensors", e.Name)
}
