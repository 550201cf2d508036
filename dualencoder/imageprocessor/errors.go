package imageprocessor

import "fmt"

// ConfigError reports a preprocessor_config.json that cannot be followed.
type ConfigError struct {
	File    string // the file's name
	Key     string // the key at fault; empty where it is the whole file
	Value   string // its value as written; empty where it is missing
	Allowed string // what would be right
	Err     error  // what lies beneath, or nil
}

func (e *ConfigError) Error() string {
	s := "imageprocessor: " + e.File
	if e.Key != "" {
		s += fmt.Sprintf(": %q", e.Key)
		if e.Value != "" {
			s += " is " + e.Value
		} else {
			s += " is missing"
		}
	}
	if e.Allowed != "" {
		s += ": want " + e.Allowed
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

func (e *ConfigError) Unwrap() error { return e.Err }

// ShapeError reports a picture whose proportions a processor cannot handle,
// such as one that would be scaled to no pixel at all.
type ShapeError struct {
	Processor     string // the processor's class
	Width, Height int    // the picture
	Reason        string
}

func (e *ShapeError) Error() string {
	return fmt.Sprintf("imageprocessor: %s: a picture of %d × %d pixels: %s", e.Processor, e.Width, e.Height, e.Reason)
}
