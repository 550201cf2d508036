package flax

import (
	"encoding/binary"
	"fmt"
)

// kind is what a MessagePack object is, as far as it matters here.
type kind uint8

const (
	scalar kind = iota // nil, numbers that are not counted on
	boolean
	integer
	text
	blob
	array
	mapping
	extension
)

// object is one object's head. The elements of arrays and mappings follow it.
type object struct {
	kind kind
	n    uint64 // an integer's or boolean's value; the number of elements of an array, of pairs of a mapping
	body []byte // of texts, blobs and extensions
	code int8   // an extension's type
}

// decoder reads objects one after the other. It allocates nothing.
type decoder struct {
	data []byte
	at   int
}

func (d *decoder) take(n uint64) ([]byte, error) {
	if n > uint64(len(d.data)-d.at) {
		return nil, fmt.Errorf("%d bytes stated, %d follow: the file is cut short, or no MessagePack", n, len(d.data)-d.at)
	}
	b := d.data[d.at : d.at+int(n) : d.at+int(n)]
	d.at += int(n)
	return b, nil
}

// number takes a big-endian number of that many bytes.
func (d *decoder) number(width uint64) (uint64, error) {
	b, err := d.take(width)
	if err != nil {
		return 0, err
	}
	var wide [8]byte
	copy(wide[8-width:], b)
	return binary.BigEndian.Uint64(wide[:]), nil
}

func (d *decoder) next() (object, error) {
	head, err := d.take(1)
	if err != nil {
		return object{}, err
	}
	switch b := head[0]; {
	case b <= 0x7f:
		return object{kind: integer, n: uint64(b)}, nil
	case b <= 0x8f:
		return d.counted(mapping, uint64(b&0x0f))
	case b <= 0x9f:
		return d.counted(array, uint64(b&0x0f))
	case b <= 0xbf:
		return d.bytes(text, uint64(b&0x1f))
	case b >= 0xe0: // a negative integer
		return object{kind: scalar}, nil
	case b == 0xc0: // nil
		return object{kind: scalar}, nil
	case b == 0xc2 || b == 0xc3:
		return object{kind: boolean, n: uint64(b & 1)}, nil
	case b >= 0xc4 && b <= 0xc6:
		return d.sized(blob, 1<<(b-0xc4))
	case b >= 0xc7 && b <= 0xc9:
		n, err := d.number(1 << (b - 0xc7))
		if err != nil {
			return object{}, err
		}
		return d.extension(n)
	case b == 0xca || b == 0xcb: // floats
		_, err := d.take(4 << (b - 0xca))
		return object{kind: scalar}, err
	case b >= 0xcc && b <= 0xcf:
		n, err := d.number(1 << (b - 0xcc))
		return object{kind: integer, n: n}, err
	case b >= 0xd0 && b <= 0xd3: // signed: written only where negative
		_, err := d.take(1 << (b - 0xd0))
		return object{kind: scalar}, err
	case b >= 0xd4 && b <= 0xd8:
		return d.extension(1 << (b - 0xd4))
	case b >= 0xd9 && b <= 0xdb:
		return d.sized(text, 1<<(b-0xd9))
	case b == 0xdc || b == 0xdd:
		return d.sizedCount(array, 2<<(b-0xdc))
	case b == 0xde || b == 0xdf:
		return d.sizedCount(mapping, 2<<(b-0xde))
	default:
		return object{}, fmt.Errorf("found 0x%02x, which begins no object of MessagePack", b)
	}
}

func (d *decoder) sized(k kind, width uint64) (object, error) {
	n, err := d.number(width)
	if err != nil {
		return object{}, err
	}
	return d.bytes(k, n)
}

func (d *decoder) bytes(k kind, n uint64) (object, error) {
	body, err := d.take(n)
	return object{kind: k, body: body}, err
}

func (d *decoder) sizedCount(k kind, width uint64) (object, error) {
	n, err := d.number(width)
	if err != nil {
		return object{}, err
	}
	return d.counted(k, n)
}

// counted holds a number of elements against what is left: each takes a byte or more.
func (d *decoder) counted(k kind, n uint64) (object, error) {
	each := uint64(1)
	if k == mapping {
		each = 2
	}
	if rest := uint64(len(d.data) - d.at); n > rest/each {
		return object{}, fmt.Errorf("%d elements stated, %d bytes follow: the file is cut short, or no MessagePack", n, rest)
	}
	return object{kind: k, n: n}, nil
}

func (d *decoder) extension(n uint64) (object, error) {
	code, err := d.take(1)
	if err != nil {
		return object{}, err
	}
	body, err := d.take(n)
	return object{kind: extension, body: body, code: int8(code[0])}, err
}
