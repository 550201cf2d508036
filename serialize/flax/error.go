package flax

import "fmt"

// Error is a fault of a file: where it is, and what was expected there.
type Error struct {
	File  string // the name given to OpenFS or Parse
	Place string // `byte 12` or `"text_model.pooler" at byte 12`
	Fault string // what was found and what was expected
}

func (e *Error) Error() string {
	return fmt.Sprintf("flax: %s: %s: %s", e.File, e.Place, e.Fault)
}
