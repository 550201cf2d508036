package weights

import (
	"slices"
	"strings"

	"github.com/vkdual/vkdual/ops"
)

// A Parameter is a tensor that a model consists of.
type Parameter struct {
	Name  string
	Shape []int
	Drawn bool    // it is not in the source
	From  Stored  // its numbers, unless it is a buffer
	Ints  []int64 // of a buffer of whole numbers; nil: it is none
}

// Collect makes a Set that needs no device: what a model asks for is listed, not
// packed. Give its Root to the model's constructor, and then ask Finish and
// Parameters.
func Collect(src Source, opt Options) *Set {
	s := New(src, ops.Packer{}, opt)
	s.collecting = map[string]bool{}
	return s
}

// Parameters are what was asked for, in the order of PyTorch's state dict: a
// module's own parameters before those of its sub-modules.
func (s *Set) Parameters() []Parameter {
	root := &module{}
	for _, p := range s.collected {
		at := root
		path := strings.Split(p.Name, ".")
		for _, name := range path[:len(path)-1] {
			at = at.sub(name)
		}
		if path[len(path)-1] != "" { // else it is of Order
			at.own = append(at.own, p)
		}
	}
	return root.list(nil)
}

type module struct {
	name string
	own  []Parameter
	subs []*module
}

func (m *module) sub(name string) *module {
	if i := slices.IndexFunc(m.subs, func(s *module) bool { return s.name == name }); i >= 0 {
		return m.subs[i]
	}
	m.subs = append(m.subs, &module{name: name})
	return m.subs[len(m.subs)-1]
}

func (m *module) list(to []Parameter) []Parameter {
	to = append(to, m.own...)
	for _, s := range m.subs {
		to = s.list(to)
	}
	return to
}

func (s *Set) collect(p Parameter) {
	if s.collecting != nil && !s.collecting[p.Name] {
		s.collecting[p.Name] = true
		s.collected = append(s.collected, p)
	}
}

// Order names sub-modules in the order in which PyTorch's class declares them,
// where that is not the one in which they are asked for here.
func (s Scope) Order(names ...string) {
	if s.set.collecting == nil {
		return
	}
	for _, n := range names {
		s.set.collected = append(s.set.collected, Parameter{Name: s.full(n) + "."})
	}
}

// Idle names a parameter of the class that no forward here reads, such as one
// of training. A checkpoint may lack it.
func (s Scope) Idle(name string, shape ...int) {
	name = s.full(name)
	if s.set.collecting == nil {
		s.set.used[name] = true
		return
	}
	draw := s.set.opt.DrawIdle
	if draw == nil {
		draw = s.set.opt.Draw
	}
	if _, ok, err := s.set.src.Lookup(name); ok || err != nil || draw != nil {
		s.set.takeOr(name, shape, draw)
	}
}

// Buffer names whole numbers that follow from the config, but that the class
// saves all the same. They are not read.
func (s Scope) Buffer(name string, shape []int, values func() []int64) {
	name = s.full(name)
	s.set.used[name] = true
	if s.set.collecting != nil {
		s.set.collect(Parameter{Name: name, Shape: shape, Ints: values()})
	}
}
