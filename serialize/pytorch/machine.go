package pytorch

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"unicode/utf8"
)

// Bounds on what a pickle can claim. A real one takes some 200 bytes and a dozen
// objects a tensor.
const (
	maxPickle  = 64 << 20
	maxStack   = 1 << 20
	maxObjects = 1 << 22 // containers, what they hold, and remembered values
	maxInteger = 32      // bytes
	// maxName bounds the names of tensors and storages. A pickle can repeat one text any
	// number of times at two bytes each, and each is looked up.
	maxName = 1000
)

// machine runs pickles. Protocols 0 to 5 are read as far as state dicts use them.
type machine struct {
	code     []byte
	at       int
	place    string // of the pickle, for messages
	storages map[string]*storage
	load     func(s *storage, size int) error // is called once for every storage

	end     int // of what this pickle may read
	stack   []any
	memo    map[uint64]any
	objects int
}

// mark is what MARK pushes.
type mark struct{}

var (
	errShort     = fmt.Errorf("the pickle is cut short, or longer than %d bytes", maxPickle)
	errUnderflow = errors.New("the stack has nothing for this opcode")
)

// stateDict runs the pickle from m.at on and wants a dict of it.
func (m *machine) stateDict() (*dict, error) {
	v, err := m.run()
	if err != nil {
		return nil, err
	}
	d, ok := v.(*dict)
	if !ok {
		return nil, fault(m.place, "found %s, want a dict of names and tensors, as model.state_dict() gives", describe(v))
	}
	return d, nil
}

// run runs one pickle from m.at on, to just behind its STOP, and returns its value.
func (m *machine) run() (any, error) {
	m.stack, m.memo = m.stack[:0], map[uint64]any{}
	m.end = min(len(m.code), m.at+maxPickle)
	for {
		at := m.at
		op, err := m.byte()
		if err == nil && op == opStop {
			var v any
			if v, err = m.pop(); err == nil {
				return v, nil
			}
		} else if err == nil {
			err = m.step(op)
		}
		if err == nil && (len(m.stack) > maxStack || m.objects > maxObjects) {
			err = fmt.Errorf("more than %d values at once, or %d in all: no state dict needs that", maxStack, maxObjects)
		}
		if err != nil {
			return nil, &Error{Place: fmt.Sprintf("%s at byte %d", m.place, at), Fault: "not the pickle of a state dict", Err: err}
		}
	}
}

// step runs one opcode.
func (m *machine) step(op byte) error {
	switch op {
	case opNone:
		return m.pushed(nil, nil)
	case opNewTrue, opNewFalse:
		return m.pushed(op == opNewTrue, nil)
	case opProto:
		version, err := m.byte()
		if err == nil && version > 5 {
			err = fmt.Errorf("protocol %d, want at most 5", version)
		}
		return err
	case opFrame:
		_, err := m.take(8) // the length of a stretch of opcodes, for readers from streams
		return err
	case opMark:
		m.stack = append(m.stack, mark{})
	case opPop:
		_, err := m.pop()
		return err
	case opPopMark:
		_, err := m.popMark()
		return err
	case opDup:
		v, err := m.top()
		m.stack = append(m.stack, v)
		return err
	case opBinInt, opBinInt1, opBinInt2, opInt, opLong, opLong1, opBinFloat, opFloat:
		return m.pushed(m.number(op))
	case opBinUnicode, opShortBinUnicode, opBinUnicode8, opBinString, opShortBinString, opBinBytes, opShortBinBytes, opBinBytes8, opUnicode:
		return m.pushed(m.text(op))
	case opEmptyList:
		return m.made(&list{})
	case opEmptyDict:
		return m.made(&dict{})
	case opEmptyTuple:
		return m.pushed(tuple{}, nil)
	case opTuple1, opTuple2, opTuple3:
		return m.tuple(int(op-opTuple1) + 1)
	case opTuple, opList, opDict, opAppends, opSetItems, opAppend, opSetItem:
		return m.container(op)
	case opPut, opBinPut, opLongBinPut, opMemoize, opGet, opBinGet, opLongBinGet:
		return m.remember(op)
	case opGlobal, opStackGlobal:
		return m.global(op)
	case opInst:
		return m.inst()
	case opReduce, opNewObj:
		return m.reduce()
	case opBuild:
		return m.build()
	case opBinPersID:
		id, err := m.pop()
		if err != nil {
			return err
		}
		s, err := m.persistentStorage(id)
		return m.pushed(s, err)
	default:
		return fmt.Errorf("opcode 0x%02x, which no state dict needs", op)
	}
	return nil
}

func (m *machine) byte() (byte, error) {
	b, err := m.take(1)
	if err != nil {
		return 0, err
	}
	return b[0], nil
}

func (m *machine) take(n uint64) ([]byte, error) {
	if n > uint64(m.end-m.at) {
		return nil, errShort
	}
	b := m.code[m.at : m.at+int(n)]
	m.at += int(n)
	return b, nil
}

// line takes the text up to the end of the line, at most 1000 bytes.
func (m *machine) line() (string, error) {
	rest := m.code[m.at:m.end]
	n := bytes.IndexByte(rest[:min(len(rest), 1000)], '\n')
	if n < 0 {
		return "", errShort
	}
	m.at += n + 1
	return string(rest[:n]), nil
}

func (m *machine) pop() (any, error) {
	v, err := m.top()
	if err == nil {
		m.stack = m.stack[:len(m.stack)-1]
	}
	return v, err
}

func (m *machine) top() (any, error) {
	if len(m.stack) == 0 {
		return nil, errUnderflow
	}
	v := m.stack[len(m.stack)-1]
	if v == any(mark{}) {
		return nil, errUnderflow
	}
	return v, nil
}

// popMark pops everything above the last mark, and the mark.
func (m *machine) popMark() ([]any, error) {
	for i := len(m.stack) - 1; i >= 0; i-- {
		if m.stack[i] == any(mark{}) {
			items := append([]any(nil), m.stack[i+1:]...)
			m.stack = m.stack[:i]
			return items, nil
		}
	}
	return nil, errUnderflow
}

func (m *machine) pushed(v any, err error) error {
	if err == nil {
		m.stack = append(m.stack, v)
	}
	return err
}

// made pushes a new object.
func (m *machine) made(v any) error {
	m.objects++
	switch v := v.(type) {
	case tuple:
		m.objects += len(v)
	case *tensor:
		m.objects += 2 * len(v.shape)
	}
	return m.pushed(v, nil)
}

func (m *machine) number(op byte) (any, error) {
	switch op {
	case opBinInt1:
		b, err := m.byte()
		return int64(b), err
	case opBinInt2:
		b, err := m.take(2)
		if err != nil {
			return nil, err
		}
		return int64(binary.LittleEndian.Uint16(b)), nil
	case opBinInt:
		b, err := m.take(4)
		if err != nil {
			return nil, err
		}
		return int64(int32(binary.LittleEndian.Uint32(b))), nil
	case opBinFloat:
		b, err := m.take(8)
		if err != nil {
			return nil, err
		}
		return math.Float64frombits(binary.BigEndian.Uint64(b)), nil
	case opLong1:
		n, err := m.byte()
		if err != nil {
			return nil, err
		}
		b, err := m.take(uint64(n))
		if err != nil {
			return nil, err
		}
		return long(b)
	}
	text, err := m.line()
	if err != nil {
		return nil, err
	}
	if op == opFloat {
		return strconv.ParseFloat(text, 64)
	}
	switch text {
	case "00":
		return false, nil
	case "01":
		return true, nil
	}
	if n := len(text); op == opLong && n > 0 && text[n-1] == 'L' {
		text = text[:n-1]
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err
}

// long reads a little-endian two's complement of any length.
func long(b []byte) (any, error) {
	if len(b) > maxInteger {
		return nil, fmt.Errorf("an integer of %d bytes, at most %d are read", len(b), maxInteger)
	}
	big64 := new(big.Int)
	for i := len(b) - 1; i >= 0; i-- {
		big64.Lsh(big64, 8).Or(big64, big.NewInt(int64(b[i])))
	}
	if len(b) > 0 && b[len(b)-1] >= 0x80 {
		big64.Sub(big64, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	if big64.IsInt64() {
		return big64.Int64(), nil
	}
	return big64, nil
}

// text reads strings and bytes. Strings of Python 2 (BINSTRING) are keys and names, ASCII.
func (m *machine) text(op byte) (any, error) {
	if op == opUnicode {
		return m.line()
	}
	width := uint64(4)
	switch op {
	case opShortBinUnicode, opShortBinString, opShortBinBytes:
		width = 1
	case opBinUnicode8, opBinBytes8:
		width = 8
	}
	b, err := m.take(width)
	if err != nil {
		return nil, err
	}
	var n [8]byte
	copy(n[:], b)
	if b, err = m.take(binary.LittleEndian.Uint64(n[:])); err != nil {
		return nil, err
	}
	switch op {
	case opBinBytes, opShortBinBytes, opBinBytes8:
		return b, nil
	}
	if !utf8.Valid(b) {
		return nil, fmt.Errorf("string %.40q is not UTF-8", b)
	}
	return string(b), nil
}

func (m *machine) tuple(n int) error {
	if len(m.stack) < n {
		return errUnderflow
	}
	items := append(tuple(nil), m.stack[len(m.stack)-n:]...)
	m.stack = m.stack[:len(m.stack)-n]
	return m.made(items)
}

// container fills lists, dicts and tuples.
func (m *machine) container(op byte) error {
	var items []any
	var err error
	switch op {
	case opAppend, opSetItem:
		n := 1
		if op == opSetItem {
			n = 2
		}
		if len(m.stack) < n {
			return errUnderflow
		}
		items = append(items, m.stack[len(m.stack)-n:]...)
		m.stack = m.stack[:len(m.stack)-n]
	default:
		if items, err = m.popMark(); err != nil {
			return err
		}
	}
	if op != opTuple {
		m.objects += len(items)
	}
	switch op {
	case opTuple:
		return m.made(tuple(items))
	case opList:
		return m.made(&list{items})
	case opAppend, opAppends:
		v, err := m.top()
		if err != nil {
			return err
		}
		l, ok := v.(*list)
		if !ok {
			return fmt.Errorf("append to %s, want a list", describe(v))
		}
		l.items = append(l.items, items...)
		return nil
	}
	if op == opDict {
		if err := m.made(&dict{}); err != nil {
			return err
		}
	}
	v, err := m.top()
	if err != nil {
		return err
	}
	d, ok := v.(*dict)
	if !ok {
		return fmt.Errorf("set an item of %s, want a dict", describe(v))
	}
	if len(items)%2 != 0 {
		return fmt.Errorf("set items of a dict with %d values, want keys and values", len(items))
	}
	for i := 0; i < len(items); i += 2 {
		d.entries = append(d.entries, entry{items[i], items[i+1]})
	}
	return nil
}

// remember reads and writes the memo.
func (m *machine) remember(op byte) error {
	var key uint64
	switch op {
	case opMemoize:
		key = uint64(len(m.memo))
	case opPut, opGet:
		text, err := m.line()
		if err != nil {
			return err
		}
		if key, err = strconv.ParseUint(text, 10, 32); err != nil {
			return err
		}
	default:
		width := uint64(1)
		if op == opLongBinPut || op == opLongBinGet {
			width = 4
		}
		b, err := m.take(width)
		if err != nil {
			return err
		}
		var n [8]byte
		copy(n[:], b)
		key = binary.LittleEndian.Uint64(n[:])
	}
	switch op {
	case opGet, opBinGet, opLongBinGet:
		v, ok := m.memo[key]
		if !ok {
			return fmt.Errorf("value %d was never remembered", key)
		}
		return m.pushed(v, nil)
	}
	v, err := m.top()
	if err != nil {
		return err
	}
	m.objects++
	m.memo[key] = v
	return nil
}

// named looks up the global of the next two lines.
func (m *machine) named() (any, error) {
	module, err := m.line()
	if err != nil {
		return nil, err
	}
	name, err := m.line()
	if err != nil {
		return nil, err
	}
	return findGlobal(module, name)
}

// inst names a global and calls it at once, as pickles did before torch.save: it is refused by
// the name.
func (m *machine) inst() error {
	if _, err := m.named(); err != nil {
		return err
	}
	return fmt.Errorf("opcode 0x%02x, which no state dict needs", opInst)
}

// global looks a name up; it calls nothing.
func (m *machine) global(op byte) error {
	if op == opGlobal {
		return m.pushed(m.named())
	}
	n, err := m.pop()
	if err != nil {
		return err
	}
	mod, err := m.pop()
	if err != nil {
		return err
	}
	module, ok := mod.(string)
	name, ok2 := n.(string)
	if !ok || !ok2 {
		return fmt.Errorf("a global named by %s and %s, want strings", describe(mod), describe(n))
	}
	return m.pushed(findGlobal(module, name))
}

// reduce calls a global of findGlobal's on a tuple of arguments.
func (m *machine) reduce() error {
	a, err := m.pop()
	if err != nil {
		return err
	}
	f, err := m.pop()
	if err != nil {
		return err
	}
	g, ok := f.(*global)
	args, isTuple := a.(tuple)
	if !ok || !isTuple || g.make == nil {
		return fmt.Errorf("call of %s with %s, want a function of a state dict and a tuple", describe(f), describe(a))
	}
	v, err := g.make(args)
	if err != nil {
		return fmt.Errorf("%s: %w", g.name, err)
	}
	return m.made(v)
}

// build sets attributes: of a state dict (_metadata: module versions) or of a
// parameter. They say nothing about weights.
func (m *machine) build() error {
	if _, err := m.pop(); err != nil {
		return err
	}
	v, err := m.top()
	if err != nil {
		return err
	}
	switch v.(type) {
	case *dict, *tensor:
		return nil
	}
	return fmt.Errorf("attributes of %s, want a dict or a tensor", describe(v))
}
