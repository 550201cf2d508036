package pillow

import "fmt"

// DecodeError says why bytes are not a picture that can be decoded.
type DecodeError struct {
	Path   string // the file, if there is one
	Format string // "PNG", "JPEG", …; empty where the content is none of them
	Reason string
	Err    error // what lies beneath, or nil
}

func (e *DecodeError) Error() string {
	s := "pillow: decode"
	if e.Path != "" {
		s += fmt.Sprintf(" %q", e.Path)
	}
	if e.Format != "" {
		s += ": " + e.Format
	}
	s += ": " + e.Reason
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

func (e *DecodeError) Unwrap() error { return e.Err }

// TooLargeError reports a picture whose header declares more pixels than
// allowed. Nothing of it was decoded.
type TooLargeError struct {
	Path          string // the file, if there is one
	Format        string
	Width, Height int
	MaxPixels     int
}

func (e *TooLargeError) Error() string {
	s := "pillow: decode"
	if e.Path != "" {
		s += fmt.Sprintf(" %q", e.Path)
	}
	return fmt.Sprintf("%s: %s: %d × %d are %d pixels, more than the limit of %d",
		s, e.Format, e.Width, e.Height, int64(e.Width)*int64(e.Height), e.MaxPixels)
}
