package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// reflected is what the table says of a module.
type reflected struct {
	Name, SourceHash string
	Bindings         []binding
	PushBytes        uint32
	Spec             []specConstant
	LocalSize        [3]uint32
	LocalSizeSpec    [3]int // the specialization constant that sets it, -1 for none
	Capabilities     []string
}

type binding struct {
	Name, Type    string // Type is a constant of package vk
	Reads, Writes bool
}

type specConstant struct {
	ID      uint32
	Name    string
	Kind    string // a constant of package spirv
	Default uint32 // its bits
}

// reflectModule reads everything from the final code, except for names, which
// only the front end's module has.
func reflectModule(named, code []byte) (*reflected, error) {
	front, err := parse(named)
	if err != nil {
		return nil, err
	}
	m, err := parse(code)
	if err != nil {
		return nil, err
	}
	r := &reflected{LocalSizeSpec: [3]int{-1, -1, -1}}
	return r, errors.Join(r.bindings(m, front), r.push(m), r.spec(m, front), r.localSize(m), r.capabilities(m))
}

// variables calls f for each global variable with the type that it points to.
func (m *module) variables(f func(id, class uint32, pointee instruction)) {
	for _, i := range m.code {
		if i.op == opVariable {
			if pointer, ok := m.defs[i.words[0]]; ok && pointer.op == opTypePointer {
				f(i.words[1], i.words[2], m.defs[pointer.words[2]])
			}
		}
	}
}

func (r *reflected) bindings(m, front *module) error {
	names := map[uint32]string{}
	front.variables(func(id, _ uint32, pointee instruction) {
		if at, ok := front.argument(id, decBinding); ok {
			names[at] = front.names[id]
			if names[at] == "" { // a block without an instance name
				names[at] = front.names[pointee.words[0]]
			}
		}
	})
	uses := m.uses()
	found := map[uint32]binding{}
	var errs []error
	m.variables(func(id, class uint32, pointee instruction) {
		at, ok := m.argument(id, decBinding)
		if !ok {
			return
		}
		if set, _ := m.argument(id, decDescriptorSet); set != 0 {
			errs = append(errs, fmt.Errorf("binding %d (%s) is in set %d: only set 0 is used", at, names[at], set))
		}
		kind, err := m.descriptorType(class, pointee)
		if err != nil {
			errs = append(errs, fmt.Errorf("binding %d (%s): %w", at, names[at], err))
			return
		}
		b, again := found[at]
		if again && b.Type != kind {
			errs = append(errs, fmt.Errorf("binding %d (%s) is both %s and %s", at, names[at], b.Type, kind))
		}
		use := uses[id]
		b.Name, b.Type = names[at], kind
		b.Reads = b.Reads || use.reads && !m.all(id, pointee, decNonReadable)
		b.Writes = b.Writes || use.writes && !m.all(id, pointee, decNonWritable)
		found[at] = b
	})
	for at := range uint32(len(found)) {
		b, ok := found[at]
		if !ok {
			errs = append(errs, fmt.Errorf("binding %d is missing: number them from 0 without a gap", at))
		}
		r.Bindings = append(r.Bindings, b)
	}
	return errors.Join(errs...)
}

// all tells whether a variable, or every member of its block, is so decorated.
func (m *module) all(id uint32, pointee instruction, kind uint32) bool {
	if _, ok := find(m.decorations[id], kind); ok {
		return true
	}
	if pointee.op != opTypeStruct || len(pointee.words) < 2 {
		return false
	}
	for k := range uint32(len(pointee.words) - 1) {
		if _, ok := find(m.members[memberKey{pointee.words[0], k}], kind); !ok {
			return false
		}
	}
	return true
}

func (m *module) descriptorType(class uint32, t instruction) (string, error) {
	const dimBuffer = 5
	switch {
	case class == classStorageBuffer:
		return "StorageBuffer", nil
	case class == classUniform && t.op == opTypeStruct:
		if _, old := find(m.decorations[t.words[0]], decBufferBlock); old {
			return "StorageBuffer", nil
		}
		return "UniformBuffer", nil
	case class == classUniformConstant && t.op == opTypeImage:
		dim, sampled := t.words[2], t.words[6]
		switch {
		case dim == dimBuffer && sampled == 1:
			return "UniformTexelBuffer", nil
		case dim == dimBuffer && sampled == 2:
			return "StorageTexelBuffer", nil
		case sampled == 1:
			return "SampledImage", nil
		}
	}
	return "", fmt.Errorf("storage class %d, type opcode %d: no such binding is supported", class, t.op)
}

// use is how the code touches a variable.
type use struct{ reads, writes bool }

// uses follows pointers and images back to the variables that they come from.
// Asking for a size, of an array or an image, is no use of what is in it.
func (m *module) uses() map[uint32]use {
	root := map[uint32]uint32{} // a pointer or an image → its variable
	got := map[uint32]use{}
	m.variables(func(id, _ uint32, _ instruction) { root[id] = id })
	note := func(id uint32, reads, writes bool) {
		if v, ok := root[id]; ok {
			u := got[v]
			got[v] = use{u.reads || reads, u.writes || writes}
		}
	}
	follow := func(from, to uint32) {
		if v, ok := root[from]; ok {
			root[to] = v
		}
	}
	image := func(id uint32) bool { // its load is of a handle, not of memory
		i, ok := m.defs[root[id]]
		if !ok {
			return false
		}
		pointer := m.defs[i.words[0]]
		return pointer.words[1] == classUniformConstant
	}
	for _, i := range m.code {
		w := i.words
		switch i.op {
		case opAccessChain, opInBoundsAccess, opPtrAccessChain, opInBoundsPtrAccess, opCopyObject, opImage, opSampledImage, opImageTexelPointer:
			follow(w[2], w[1])
		case opLoad:
			if image(w[2]) {
				follow(w[2], w[1])
			} else {
				note(w[2], true, false)
			}
		case opStore:
			note(w[0], false, true)
		case opCopyMemory, opCopyMemorySized:
			note(w[0], false, true)
			note(w[1], true, false)
		case opCoopMatrixLoad, opImageFetch, opImageRead:
			note(w[2], true, false)
		case opCoopMatrixStore, opImageWrite:
			note(w[0], false, true)
		case opAtomicLoad:
			note(w[2], true, false)
		case opAtomicStore:
			note(w[0], false, true)
		case opFunctionCall: // not followed: both, as far as the decorations allow
			for _, argument := range w[3:] {
				note(argument, true, true)
			}
		case opSelect, opPhi:
			for _, pointer := range w[2:] {
				note(pointer, true, true)
			}
		default:
			switch {
			case i.op >= opImageSampleFirst && i.op <= opImageSampleLast:
				note(w[2], true, false)
			case i.op >= opAtomicFirst && i.op <= opAtomicLast, i.op == opAtomicFAdd, i.op == opAtomicFMin, i.op == opAtomicFMax:
				note(w[2], true, true)
			}
		}
	}
	return got
}

func (r *reflected) push(m *module) (err error) {
	m.variables(func(id, class uint32, pointee instruction) {
		if class == classPushConstant {
			size, e := m.size(pointee.words[0], 0)
			r.PushBytes, err = (size+3)/4*4, errors.Join(err, e)
		}
	})
	return err
}

// size is the bytes that a type takes in a block, up to its last member's end.
func (m *module) size(id, matrixStride uint32) (uint32, error) {
	t := m.defs[id]
	w := t.words
	switch t.op {
	case opTypeBool:
		return 4, nil
	case opTypeInt, opTypeFloat:
		return w[1] / 8, nil
	case opTypeVector:
		n, err := m.size(w[1], 0)
		return n * w[2], err
	case opTypeMatrix:
		return matrixStride * w[2], nil
	case opTypeArray:
		stride, _ := m.argument(id, decArrayStride)
		length := m.defs[w[2]]
		if length.op != opConstant {
			return 0, fmt.Errorf("push constants: an array's length must be a plain constant")
		}
		return stride * length.words[2], nil
	case opTypeStruct:
		var end uint32
		for k, member := range w[1:] {
			decorations := m.members[memberKey{id, uint32(k)}]
			offset, _ := find(decorations, decOffset)
			stride, ok := find(decorations, decMatrixStride)
			if !ok {
				stride.args = []uint32{0}
			}
			n, err := m.size(member, stride.args[0])
			if err != nil {
				return 0, err
			}
			end = max(end, offset.args[0]+n)
		}
		return end, nil
	}
	return 0, fmt.Errorf("push constants: type opcode %d", t.op)
}

func (r *reflected) spec(m, front *module) error {
	names := map[uint32]string{}
	for id := range front.decorations {
		if spec, ok := front.argument(id, decSpecID); ok {
			names[spec] = front.names[id]
		}
	}
	var errs []error
	for id := range m.decorations {
		spec, ok := m.argument(id, decSpecID)
		if !ok {
			continue
		}
		i := m.defs[id]
		c := specConstant{ID: spec, Name: names[spec]}
		switch i.op {
		case opSpecConstantTrue:
			c.Kind, c.Default = "Bool", 1
		case opSpecConstantFalse:
			c.Kind = "Bool"
		case opSpecConstant:
			t := m.defs[i.words[0]]
			if t.words[1] != 32 {
				errs = append(errs, fmt.Errorf("specialization constant %d (%s) has %d bits, want 32", spec, c.Name, t.words[1]))
			}
			c.Default = i.words[2]
			switch {
			case t.op == opTypeFloat:
				c.Kind = "Float"
			case t.words[2] == 1:
				c.Kind = "Int"
			default:
				c.Kind = "Uint"
			}
		}
		r.Spec = append(r.Spec, c)
	}
	slices.SortFunc(r.Spec, func(a, b specConstant) int { return cmp.Compare(a.ID, b.ID) })
	return errors.Join(errs...)
}

// localSize takes the WorkgroupSize constant where there is one, since it
// overrides the execution mode, and the mode else.
func (r *reflected) localSize(m *module) error {
	parts := func(ids []uint32) {
		for k := range min(3, len(ids)) {
			r.LocalSize[k] = m.defs[ids[k]].words[2]
			if spec, ok := m.argument(ids[k], decSpecID); ok {
				r.LocalSizeSpec[k] = int(spec)
			}
		}
	}
	for _, i := range m.code {
		switch {
		case i.op == opExecutionMode && i.words[1] == modeLocalSize:
			copy(r.LocalSize[:], i.words[2:5])
		case i.op == opExecutionModeID && i.words[1] == modeLocalSizeID:
			parts(i.words[2:5])
		}
	}
	for id := range m.decorations {
		if what, ok := m.argument(id, decBuiltIn); ok && what == builtInWorkgroupSize {
			parts(m.defs[id].words[2:])
		}
	}
	if r.LocalSize[0]*r.LocalSize[1]*r.LocalSize[2] == 0 {
		return errors.New("no local size")
	}
	return nil
}

// capabilityNames are those that the project knows what to ask a device for.
var capabilityNames = map[uint32]string{
	1: "Shader", 9: "Float16", 11: "Int64", 22: "Int16", 39: "Int8",
	46: "SampledBuffer", 47: "ImageBuffer", 50: "ImageQuery",
	61: "GroupNonUniform", 62: "GroupNonUniformVote", 63: "GroupNonUniformArithmetic", 64: "GroupNonUniformBallot",
	65: "GroupNonUniformShuffle", 66: "GroupNonUniformShuffleRelative", 67: "GroupNonUniformClustered", 68: "GroupNonUniformQuad",
	4433: "StorageBuffer16BitAccess", 4434: "UniformAndStorageBuffer16BitAccess",
	4448: "StorageBuffer8BitAccess", 4449: "UniformAndStorageBuffer8BitAccess",
	5345: "VulkanMemoryModel", 5346: "VulkanMemoryModelDeviceScope",
	6016: "DotProductInputAll", 6017: "DotProductInput4x8Bit", 6018: "DotProductInput4x8BitPacked", 6019: "DotProduct",
	6022: "CooperativeMatrixKHR",
}

func (r *reflected) capabilities(m *module) error {
	for _, i := range m.code {
		if i.op != opCapability {
			continue
		}
		name, ok := capabilityNames[i.words[0]]
		if !ok {
			return fmt.Errorf("capability %d is not known: name it, and the device feature that it needs", i.words[0])
		}
		if !slices.Contains(r.Capabilities, name) {
			r.Capabilities = append(r.Capabilities, name)
		}
	}
	slices.Sort(r.Capabilities)
	return nil
}
