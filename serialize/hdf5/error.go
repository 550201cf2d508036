package hdf5

import "fmt"

// Error is a fault of a file: where it is, and what was expected there.
type Error struct {
	File  string // the name given to OpenFS or Parse
	Place string // "superblock", "object header at byte 96", "/text_model/…/kernel:0"
	Fault string // what was found and what was expected
}

func (e *Error) Error() string {
	return fmt.Sprintf("hdf5: %s: %s: %s", e.File, e.Place, e.Fault)
}

func fault(place, format string, args ...any) error {
	return &Error{Place: place, Fault: fmt.Sprintf(format, args...)}
}
