package weights

import "fmt"

// A MissingError reports a parameter that the checkpoint lacks.
type MissingError struct {
	Name string
	Want []int // the shape that the config asks for
	Note string
}

func (e *MissingError) Error() string {
	s := fmt.Sprintf("weights: %s %v is missing", e.Name, e.Want)
	if e.Note != "" {
		s += ": " + e.Note
	}
	return s
}

// A ShapeError reports a parameter whose stored shape is not the one that the
// config asks for.
type ShapeError struct {
	Name       string
	Have, Want []int
}

func (e *ShapeError) Error() string {
	return fmt.Sprintf("weights: %s is %v, the config asks for %v", e.Name, e.Have, e.Want)
}

// An UnusedError reports, when a Set is strict, stored tensors that the model
// has no place for.
type UnusedError struct{ Names []string }

func (e *UnusedError) Error() string {
	return fmt.Sprintf("weights: %s: no part of the model uses %s", count(len(e.Names), "tensor"), list(e.Names))
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// list names the first few.
func list(names []string) string {
	const most = 8
	s := ""
	for i, n := range names {
		if i == most {
			return fmt.Sprintf("%s and %d more", s, len(names)-most)
		}
		if i > 0 {
			s += ", "
		}
		s += n
	}
	return s
}
