package hdf5

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"unicode/utf8"

	"github.com/vkdual/vkdual/serialize/safetensors"
)

// Bounds on what a file may hold. A real model has some ten groups in groups and
// some hundred datasets.
const (
	maxDepth   = 64
	maxName    = 1000    // bytes of a path
	maxObjects = 1 << 20 // groups, datasets and messages
)

// walker reads a file from its root on.
type walker struct {
	data    []byte
	seen    map[uint64]bool // addresses of the blocks that were read
	objects int
	tensors map[string]safetensors.Tensor
}

func u16(b []byte) uint64 { return uint64(binary.LittleEndian.Uint16(b)) }
func u32(b []byte) uint64 { return uint64(binary.LittleEndian.Uint32(b)) }
func u64(b []byte) uint64 { return binary.LittleEndian.Uint64(b) }

// block returns n bytes at an address.
func (w *walker) block(place string, at, n uint64) ([]byte, error) {
	if size := uint64(len(w.data)); at > size || n > size-at {
		return nil, fault(place, "%d bytes at byte %d leave the file, which has %d", n, at, size)
	}
	return w.data[at : at+n : at+n], nil
}

// once is block for what may be read only once, with its signature.
func (w *walker) once(place string, at, n uint64, signature string) ([]byte, error) {
	if w.seen[at] {
		return nil, fault(place, "stands in the file a second time, at byte %d", at)
	}
	w.seen[at] = true
	if err := w.count(place, 1); err != nil {
		return nil, err
	}
	b, err := w.block(place, at, n)
	if err != nil {
		return nil, err
	}
	if !bytes.HasPrefix(b, []byte(signature)) {
		return nil, fault(place, "found %q at byte %d, want %q", b[:len(signature)], at, signature)
	}
	return b, nil
}

func (w *walker) count(place string, n int) error {
	if w.objects += n; w.objects > maxObjects {
		return fault(place, "more than %d objects", maxObjects)
	}
	return nil
}

// message is one of an object's messages (section IV.A.2).
type message struct {
	kind   uint64
	shared bool
	body   []byte
}

const (
	msgDataspace    = 0x01
	msgLinkInfo     = 0x02
	msgDatatype     = 0x03
	msgLink         = 0x06
	msgExternal     = 0x07
	msgLayout       = 0x08
	msgFilters      = 0x0b
	msgContinuation = 0x10
	msgSymbolTable  = 0x11
)

// messages reads an object header of version 1 (section IV.A.1.a) with its continuations.
func (w *walker) messages(place string, at uint64) ([]message, error) {
	if head, err := w.block(place, at, 4); err == nil && string(head) == "OHDR" {
		return nil, fault(place, "an object header of version 2: the file was written with libver=\"latest\" or track_order, save it with the default")
	}
	head, err := w.once(place, at, 16, "\x01")
	if err != nil {
		return nil, err
	}
	left := u16(head[2:])
	type stretch struct{ at, size uint64 }
	var out []message
	for todo := []stretch{{at + 16, u32(head[8:])}}; len(todo) > 0; todo = todo[1:] {
		block, err := w.block(place, todo[0].at, todo[0].size)
		if err != nil {
			return nil, err
		}
		for len(block) >= 8 && left > 0 {
			m := message{kind: u16(block), shared: block[4]&2 != 0}
			size := u16(block[2:])
			if block = block[8:]; size > uint64(len(block)) {
				return nil, fault(place, "a message of %d bytes, %d are left of its block", size, len(block))
			}
			m.body, block = block[:size], block[size:]
			left--
			if err := w.count(place, 1); err != nil {
				return nil, err
			}
			if m.kind != msgContinuation {
				out = append(out, m)
				continue
			}
			if len(m.body) < 16 {
				return nil, fault(place, "a continuation of %d bytes, want 16", len(m.body))
			}
			next := stretch{u64(m.body), u64(m.body[8:])}
			if w.seen[next.at] {
				return nil, fault(place, "continued at byte %d, which was read before", next.at)
			}
			w.seen[next.at] = true
			todo = append(todo, next)
		}
	}
	return out, nil
}

// object reads a group or a dataset.
func (w *walker) object(at uint64, path string, depth int) error {
	place := "/" + path
	if depth > maxDepth || len(path) > maxName {
		return fault(fmt.Sprintf("%.60s…", place), "groups lie more than %d deep, or a path has more than %d bytes", maxDepth, maxName)
	}
	messages, err := w.messages(place, at)
	if err != nil {
		return err
	}
	found := map[uint64][]byte{}
	for _, m := range messages {
		switch m.kind {
		case msgDataspace, msgDatatype, msgLayout, msgSymbolTable:
			if m.shared {
				return fault(place, "shares its type or shape with another object, which is not read")
			}
			if _, twice := found[m.kind]; twice {
				return fault(place, "message 0x%02x occurs twice", m.kind)
			}
			found[m.kind] = m.body
		case msgLink, msgLinkInfo:
			return fault(place, "a group of the newer kind: the file was written with libver=\"latest\" or track_order, save it with the default")
		case msgExternal:
			return fault(place, "its numbers are in another file, which is not read")
		case msgFilters:
			return fault(place, "its numbers are compressed, want them plain and in one piece, as Keras saves them")
		}
	}
	if table := found[msgSymbolTable]; table != nil {
		if len(table) < 16 {
			return fault(place, "a symbol table of %d bytes, want 16", len(table))
		}
		return w.group(u64(table), u64(table[8:]), path, depth)
	}
	if found[msgLayout] == nil {
		return nil // a type by itself
	}
	t, err := w.dataset(place, found)
	if err != nil {
		return err
	}
	if _, twice := w.tensors[path]; twice {
		return fault(place, "occurs twice")
	}
	t.Name = path
	w.tensors[path] = t
	return nil
}

// group reads a group of the older kind: a B-tree of symbol nodes, with names in a
// heap (sections III.A.1, III.B, III.D).
func (w *walker) group(tree, heap uint64, path string, depth int) error {
	place := "/" + path
	head, err := w.once(place+" (heap)", heap, 32, "HEAP\x00")
	if err != nil {
		return err
	}
	names, err := w.block(place+" (heap)", u64(head[24:]), u64(head[8:]))
	if err != nil {
		return err
	}
	return w.tree(tree, 256, func(node uint64) error {
		place := place + " (symbols)"
		head, err := w.once(place, node, 8, "SNOD\x01")
		if err != nil {
			return err
		}
		n := u16(head[6:])
		entries, err := w.block(place, node+8, 40*n)
		if err != nil {
			return err
		}
		for ; n > 0; n, entries = n-1, entries[40:] {
			name, err := cString(names, u64(entries))
			if err != nil {
				return fault(place, "%v", err)
			}
			if kind := u32(entries[16:]); kind > 1 {
				return fault(place, "%q is a link to another object, which is not followed", name)
			}
			if path != "" {
				name = path + "/" + name
			}
			if err := w.object(u64(entries[8:]), name, depth+1); err != nil {
				return err
			}
		}
		return nil
	}, place)
}

// tree visits the leaves of a B-tree of version 1. level bounds the tree's height: a
// child stands lower than its parent.
func (w *walker) tree(at, above uint64, visit func(uint64) error, path string) error {
	place := path + " (tree)"
	head, err := w.once(place, at, 24, "TREE\x00")
	if err != nil {
		return err
	}
	level, n := uint64(head[5]), u16(head[6:])
	if level >= above {
		return fault(place, "a node of level %d under one of level %d", level, above)
	}
	entries, err := w.block(place, at+24, 16*n+8) // a key before, between and after the children
	if err != nil {
		return err
	}
	for ; n > 0; n, entries = n-1, entries[16:] {
		child := u64(entries[8:])
		if level > 0 {
			err = w.tree(child, level, visit, path)
		} else {
			err = visit(child)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// cString returns the text that begins at byte at of a heap. A name may hold slashes only where HDF5 splits it.
func cString(heap []byte, at uint64) (string, error) {
	if at >= uint64(len(heap)) {
		return "", fmt.Errorf("a name at byte %d of a heap of %d", at, len(heap))
	}
	rest := heap[at:]
	n := bytes.IndexByte(rest[:min(len(rest), maxName+1)], 0)
	if n <= 0 || !utf8.Valid(rest[:n]) || bytes.IndexByte(rest[:n], '/') >= 0 {
		return "", fmt.Errorf("a name at byte %d of a heap is none: want UTF-8 of 1 to %d bytes without slashes", at, maxName)
	}
	return string(rest[:n]), nil
}
