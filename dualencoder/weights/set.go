package weights

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/vkdual/vkdual/ops"
)

// A Stored tensor can be read in parts as float32, whatever its stored type.
type Stored struct {
	Shape []int
	// Read converts the elements from first on into dst. It may be called from
	// several goroutines.
	Read func(first int, dst []float32) error
}

// A Source holds a checkpoint's tensors by name.
type Source interface {
	Names() []string
	// Lookup finds a tensor; the error is that of a file that cannot be read.
	Lookup(name string) (Stored, bool, error)
}

// Options of a Set. The zero value takes nothing but what is stored.
type Options struct {
	Strict bool         // a stored tensor that nothing uses is an error
	Log    *slog.Logger // gets notes; nil: none
	// Draw makes a tensor that is not stored; ok is false where it must be
	// stored. Nil: all must be.
	Draw func(name string, shape []int) (_ Stored, ok bool)
	// DrawIdle does the same for one that no forward reads. Nil: Draw does.
	DrawIdle func(name string, shape []int) (_ Stored, ok bool)
	// Note says, for a missing tensor, what could be done about it. May be nil.
	Note func(name string) string
}

// A Set gives the parameters of one model. Make it with New, build the model
// from Root, then ask Finish what went wrong.
type Set struct {
	src     Source
	pack    ops.Packer
	opt     Options
	used    map[string]bool
	drawn   []string
	errs    []error // missing and misshapen
	stopped error   // no memory, or an unreadable file: nothing more is tried

	collecting map[string]bool // by name, what was collected; nil: this Set packs
	collected  []Parameter
}

// New makes a Set that packs what src holds.
func New(src Source, pack ops.Packer, opt Options) *Set {
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	return &Set{src: src, pack: pack, opt: opt, used: map[string]bool{}}
}

// Root is the scope of the whole checkpoint.
func (s *Set) Root() Scope { return Scope{set: s} }

// Finish reports what was missing, misshapen or could not be loaded, and notes
// what was drawn anew and what nothing used.
func (s *Set) Finish() error {
	if s.stopped != nil {
		return s.stopped
	}
	if len(s.errs) > 0 {
		return s.missing()
	}
	if len(s.drawn) > 0 {
		s.opt.Log.Warn("weights: newly drawn, since the checkpoint lacks them: "+list(s.drawn), "count", len(s.drawn))
	}
	var unused []string
	for _, n := range s.src.Names() {
		// Old files store this buffer; it only counts 0, 1, 2, …
		if !s.used[n] && n != "position_ids" && !strings.HasSuffix(n, ".position_ids") {
			unused = append(unused, n)
		}
	}
	if len(unused) == 0 {
		return nil
	}
	slices.Sort(unused)
	err := &UnusedError{Names: unused}
	if s.opt.Strict {
		return err
	}
	s.opt.Log.Warn(err.Error())
	return nil
}

// take finds a tensor of the given shape. ok is false after an error.
func (s *Set) take(name string, shape []int) (Stored, bool) {
	return s.takeOr(name, shape, s.opt.Draw)
}

// takeOr is take with draw for what is not stored.
func (s *Set) takeOr(name string, shape []int, draw func(string, []int) (Stored, bool)) (Stored, bool) {
	if s.stopped != nil {
		return Stored{}, false
	}
	t, ok, err := s.src.Lookup(name)
	if err != nil {
		s.fail(name, err)
		return Stored{}, false
	}
	if ok {
		s.used[name] = true
	} else if draw != nil {
		if t, ok = draw(name, shape); ok {
			s.drawn = append(s.drawn, name)
		}
	}
	switch {
	case !ok:
		e := &MissingError{Name: name, Want: shape}
		if s.opt.Note != nil {
			e.Note = s.opt.Note(name)
		}
		s.errs = append(s.errs, e)
	case !slices.Equal(t.Shape, shape) && !bothScalar(t.Shape, shape):
		s.errs = append(s.errs, &ShapeError{Name: name, Have: t.Shape, Want: shape})
	default:
		s.collect(Parameter{Name: name, Shape: shape, Drawn: !s.used[name], From: t})
	}
	return t, len(s.errs) == 0 && s.collecting == nil // after an error nothing is packed any more, only checked
}

// read copies a small tensor.
func (s *Set) read(name string, shape []int) ([]float32, bool) {
	t, ok := s.take(name, shape)
	if !ok {
		return nil, false
	}
	v := make([]float32, elements(shape))
	if err := t.Read(0, v); err != nil {
		s.fail(name, err)
		return nil, false
	}
	return v, true
}

// bothScalar lets a parameter of one element have 0 dimensions or 1: TensorFlow
// stores logit_scale as [1].
func bothScalar(a, b []int) bool {
	one := func(s []int) bool { return len(s) == 0 || len(s) == 1 && s[0] == 1 }
	return one(a) && one(b)
}

func (s *Set) fail(name string, err error) {
	if err != nil && s.stopped == nil {
		s.stopped = fmt.Errorf("weights: %s: %w", name, err)
	}
}

// missing joins what was missing or misshapen: some of it, since of a
// checkpoint of another model everything is.
func (s *Set) missing() error {
	others := slices.ContainsFunc(s.errs, func(err error) bool {
		m, ok := err.(*MissingError)
		return !ok || m.Note == ""
	})
	errs := slices.Clone(s.errs)
	for i, err := range errs {
		if m, ok := err.(*MissingError); ok && others { // notes are about checkpoints that lack nothing else
			errs[i] = &MissingError{Name: m.Name, Want: m.Want}
		}
	}
	const most = 8
	if n := len(errs) - most; n > 1 {
		errs = append(errs[:most], fmt.Errorf("weights: and %d more that are missing or of another shape", n))
	}
	return errors.Join(errs...)
}
