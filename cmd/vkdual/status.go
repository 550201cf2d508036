package main

import "fmt"

// Exit statuses.
const (
	statusFailed    = 1   // some input failed
	statusUsage     = 2   // the command line cannot be followed
	statusInterrupt = 130 // as shells count: 128 + SIGINT
)

// A usageError says what is wrong with the command line.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

func usagef(format string, args ...any) error {
	return &usageError{fmt.Sprintf(format, args...)}
}
