package main

import (
	"encoding/binary"
	"fmt"
	"strings"
)

// The opcodes, decorations and such of the SPIR-V specification that
// reflection looks at.
const (
	opName               = 5
	opMemberName         = 6
	opExecutionMode      = 16
	opCapability         = 17
	opTypeVoid           = 19
	opTypeBool           = 20
	opTypeInt            = 21
	opTypeFloat          = 22
	opTypeVector         = 23
	opTypeMatrix         = 24
	opTypeImage          = 25
	opTypeSampler        = 26
	opTypeSampledImage   = 27
	opTypeArray          = 28
	opTypeRuntimeArray   = 29
	opTypeStruct         = 30
	opTypePointer        = 32
	opConstant           = 43
	opConstantComposite  = 44
	opSpecConstantTrue   = 48
	opSpecConstantFalse  = 49
	opSpecConstant       = 50
	opSpecConstComposite = 51
	opFunctionCall       = 57
	opVariable           = 59
	opImageTexelPointer  = 60
	opLoad               = 61
	opStore              = 62
	opCopyMemory         = 63
	opCopyMemorySized    = 64
	opAccessChain        = 65
	opInBoundsAccess     = 66
	opPtrAccessChain     = 67
	opInBoundsPtrAccess  = 70
	opDecorate           = 71
	opMemberDecorate     = 72
	opCopyObject         = 83
	opSampledImage       = 86
	opImageSampleFirst   = 87
	opImageSampleLast    = 97
	opImageFetch         = 95
	opImageRead          = 98
	opImageWrite         = 99
	opImage              = 100
	opSelect             = 169
	opAtomicLoad         = 227
	opAtomicStore        = 228
	opAtomicFirst        = 229 // of those that read and write
	opAtomicLast         = 242
	opPhi                = 245
	opExecutionModeID    = 331
	opCoopMatrixLoad     = 4457
	opCoopMatrixStore    = 4458
	opAtomicFMin         = 5614
	opAtomicFMax         = 5615
	opAtomicFAdd         = 6035

	decSpecID        = 1
	decBlock         = 2
	decBufferBlock   = 3
	decArrayStride   = 6
	decMatrixStride  = 7
	decBuiltIn       = 11
	decNonWritable   = 24
	decNonReadable   = 25
	decBinding       = 33
	decDescriptorSet = 34
	decOffset        = 35

	builtInWorkgroupSize = 25

	modeLocalSize   = 17
	modeLocalSizeID = 38

	classUniformConstant = 0
	classUniform         = 2
	classPushConstant    = 9
	classStorageBuffer   = 12
)

// instruction is one instruction; words excludes the first.
type instruction struct {
	op    uint32
	words []uint32
}

// decoration is a decoration with its operands.
type decoration struct {
	kind uint32
	args []uint32
}

type memberKey struct{ id, member uint32 }

// module is a parsed SPIR-V module, indexed for reflection.
type module struct {
	code        []instruction
	defs        map[uint32]instruction // types, constants and global variables by id
	names       map[uint32]string
	decorations map[uint32][]decoration
	members     map[memberKey][]decoration
}

// parse reads a module. It trusts spirv-val for all but the framing.
func parse(data []byte) (*module, error) {
	if len(data) < 20 || len(data)%4 != 0 || binary.LittleEndian.Uint32(data) != 0x07230203 {
		return nil, fmt.Errorf("spir-v: %d bytes are no module", len(data))
	}
	words := make([]uint32, len(data)/4)
	for i := range words {
		words[i] = binary.LittleEndian.Uint32(data[4*i:])
	}
	m := &module{
		defs: map[uint32]instruction{}, names: map[uint32]string{},
		decorations: map[uint32][]decoration{}, members: map[memberKey][]decoration{},
	}
	for at := 5; at < len(words); {
		n, op := int(words[at]>>16), words[at]&0xffff
		if n == 0 || at+n > len(words) {
			return nil, fmt.Errorf("spir-v: word %d: an instruction of %d words", at, n)
		}
		i := instruction{op, words[at+1 : at+n]}
		m.code = append(m.code, i)
		m.index(i)
		at += n
	}
	return m, nil
}

func (m *module) index(i instruction) {
	w := i.words
	switch i.op {
	case opName:
		m.names[w[0]] = text(w[1:])
	case opDecorate:
		m.decorations[w[0]] = append(m.decorations[w[0]], decoration{w[1], w[2:]})
	case opMemberDecorate:
		k := memberKey{w[0], w[1]}
		m.members[k] = append(m.members[k], decoration{w[2], w[3:]})
	case opTypeVoid, opTypeBool, opTypeInt, opTypeFloat, opTypeVector, opTypeMatrix, opTypeImage, opTypeSampler,
		opTypeSampledImage, opTypeArray, opTypeRuntimeArray, opTypeStruct, opTypePointer:
		m.defs[w[0]] = i
	case opConstant, opConstantComposite, opSpecConstantTrue, opSpecConstantFalse, opSpecConstant, opSpecConstComposite, opVariable:
		m.defs[w[1]] = i
	}
}

// text reads a literal string: bytes, four to a word, up to a zero.
func text(words []uint32) string {
	var s strings.Builder
	for _, w := range words {
		for range 4 {
			if w&0xff == 0 {
				return s.String()
			}
			s.WriteByte(byte(w))
			w >>= 8
		}
	}
	return s.String()
}

func find(list []decoration, kind uint32) (decoration, bool) {
	for _, d := range list {
		if d.kind == kind {
			return d, true
		}
	}
	return decoration{}, false
}

// argument is a decoration's only operand.
func (m *module) argument(id, kind uint32) (uint32, bool) {
	d, ok := find(m.decorations[id], kind)
	if !ok || len(d.args) == 0 {
		return 0, false
	}
	return d.args[0], true
}
