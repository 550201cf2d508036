// Package spirv holds the project's compute shaders, compiled from shaders/ by
// tools/glslc.sh and embedded, with a table of what each needs, reflected from
// the SPIR-V itself. It may be used from several goroutines at once.
package spirv

import (
	"cmp"
	"embed"
	"slices"

	"github.com/vkdual/vkdual/vk"
)

//go:embed *.spv
var files embed.FS

// Module is a compiled shader. It must not be changed.
type Module struct {
	Name       string
	SourceHash string // of the sources, the flags and the compiler's version

	// Bindings of descriptor set 0; their places are their binding numbers.
	Bindings  []Binding
	PushBytes int // size of the push constants
	Spec      []SpecConstant

	// LocalSize is the workgroup's size when no specialization constant changes
	// it; LocalSizeSpec is the id of the one that sets it, or -1.
	LocalSize     [3]uint32
	LocalSizeSpec [3]int

	// Capabilities are those that the module declares, by their SPIR-V names,
	// sorted.
	Capabilities []string
}

// Binding is an argument of a shader.
type Binding struct {
	Name          string
	Type          vk.DescriptorType
	Reads, Writes bool // whether the code does, on some path
}

// Kind is the type of a specialization constant.
type Kind uint8

// The kinds of specialization constant, all of 32 bits.
const (
	Bool Kind = iota
	Int
	Uint
	Float
)

// SpecConstant is a constant that is set when a pipeline is made.
type SpecConstant struct {
	ID      uint32
	Name    string // as in the shader
	Kind    Kind
	Default uint32 // its bits
}

// Code returns the module's SPIR-V, a copy.
func (m *Module) Code() []byte {
	code, err := files.ReadFile(m.Name + ".spv")
	if err != nil {
		panic("spirv: the table names a module that is not embedded: " + err.Error())
	}
	return code
}

// Needs tells whether the module declares a capability.
func (m *Module) Needs(capability string) bool { return slices.Contains(m.Capabilities, capability) }

// Lookup finds a module by its name.
func Lookup(name string) (*Module, bool) {
	i, found := slices.BinarySearchFunc(modules, name, func(m Module, name string) int { return cmp.Compare(m.Name, name) })
	if !found {
		return nil, false
	}
	return &modules[i], true
}

// Modules lists all modules by name.
func Modules() []*Module {
	list := make([]*Module, len(modules))
	for i := range modules {
		list[i] = &modules[i]
	}
	return list
}
