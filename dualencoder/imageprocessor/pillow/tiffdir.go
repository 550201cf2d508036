package pillow

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/bits"

	"golang.org/x/image/ccitt"
	"golang.org/x/image/tiff/lzw"
)

// tiffDirectory is the first image file directory: whole numbers by tag.
type tiffDirectory struct {
	data  []byte
	order binary.ByteOrder
	tags  map[uint16][]uint32
	short bool // it ends too early: tags are those before
}

// known reports whether a tag is one of those that are read.
func known(tag uint16) bool {
	switch tag {
	case tiffWidth, tiffHeight, tiffBits, tiffCompression, tiffPhotometric, tiffFillOrder, tiffStripOffsets,
		tiffSamples, tiffRowsPerStrip, tiffStripCounts, tiffPlanar, tiffT4Options, tiffPredictor, tiffColorMap,
		tiffTileWidth, tiffTileHeight, tiffTileOffsets, tiffTileCounts, tiffExtra, tiffSampleFormat:
		return true
	}
	return false
}

// readTIFF reads the directory, or what there is of it. Only known tags are kept, each once, so that
// memory is bounded by the file's size.
func readTIFF(data []byte) (*tiffDirectory, error) {
	d := &tiffDirectory{data: data, order: binary.LittleEndian, tags: map[uint16][]uint32{}}
	if len(data) < 8 {
		return nil, io.ErrUnexpectedEOF
	}
	if data[0] == 'M' {
		d.order = binary.BigEndian
	}
	at := int64(d.order.Uint32(data[4:]))
	if at+2 > int64(len(data)) {
		return nil, io.ErrUnexpectedEOF
	}
	const entry = 12
	n := int64(d.order.Uint16(data[at:]))
	for i := range n {
		if d.short = at+2+(i+1)*entry > int64(len(data)); d.short {
			return d, nil
		}
		e := data[at+2+i*entry:][:entry]
		tag := d.order.Uint16(e)
		if _, twice := d.tags[tag]; twice || !known(tag) {
			continue
		}
		var size int64
		switch d.order.Uint16(e[2:]) {
		case 1: // BYTE
			size = 1
		case 3: // SHORT
			size = 2
		case 4: // LONG
			size = 4
		default:
			continue
		}
		count := int64(d.order.Uint32(e[4:]))
		value := e[8:]
		if size*count > 4 {
			from := int64(d.order.Uint32(value))
			if d.short = from+size*count > int64(len(data)); d.short {
				return d, nil
			}
			value = data[from:]
		}
		v := make([]uint32, count)
		for k := range v {
			switch size {
			case 1:
				v[k] = uint32(value[k])
			case 2:
				v[k] = uint32(d.order.Uint16(value[2*k:]))
			case 4:
				v[k] = d.order.Uint32(value[4*k:])
			}
		}
		d.tags[tag] = v
	}
	return d, nil
}

// first returns a tag's first value, or def where it is not there.
func (d *tiffDirectory) first(tag uint16, def int) int {
	if v := d.tags[tag]; len(v) > 0 {
		return int(v[0])
	}
	return def
}

// unpack undoes a strip's or tile's compression: rows × rowBytes bytes that
// the caller may change.
func (p *tiffPage) unpack(src []byte, rowBytes, rows int) ([]byte, error) {
	n := rowBytes * rows
	var r io.Reader
	if isFax := p.compression == 3 || p.compression == 4; !isFax && p.first(tiffFillOrder, 1) == 2 {
		src = bytes.Clone(src)
		for i, v := range src {
			src[i] = bits.Reverse8(v)
		}
	}
	switch p.compression {
	case 1:
		if len(src) < n {
			return nil, io.ErrUnexpectedEOF
		}
		return bytes.Clone(src[:n]), nil
	case 3, 4:
		if p.compression == 3 && p.first(tiffT4Options, 0)&1 != 0 {
			return nil, fmt.Errorf("two-dimensional group 3 coding is not supported")
		}
		order, format := ccitt.MSB, ccitt.Group3
		if p.first(tiffFillOrder, 1) == 2 {
			order = ccitt.LSB
		}
		if p.compression == 4 {
			format = ccitt.Group4
		}
		// The library's white is 1; a fax's is 0.
		r = ccitt.NewReader(bytes.NewReader(src), order, format, p.chunkWidth, rows, &ccitt.Options{Invert: true})
	case 5:
		z := lzw.NewReader(bytes.NewReader(src), lzw.MSB, 8)
		defer z.Close()
		r = z
	case 8, 32946:
		z, err := zlib.NewReader(bytes.NewReader(src))
		if err != nil {
			return nil, err
		}
		defer z.Close()
		r = z
	case 32773:
		return unpackBits(src, n)
	default:
		return nil, fmt.Errorf("compression %d is not supported", p.compression)
	}
	out := make([]byte, n)
	if _, err := io.ReadFull(r, out); err != nil {
		return nil, err
	}
	// zlib looks at what follows, its checksum too.
	if _, err := r.Read(make([]byte, 1)); errors.Is(err, zlib.ErrChecksum) {
		return nil, err
	}
	return out, nil
}

// unpackBits undoes Macintosh run lengths (TIFF 6.0, section 9) to n bytes.
func unpackBits(src []byte, n int) ([]byte, error) {
	out := make([]byte, 0, n)
	for len(out) < n {
		if len(src) < 2 {
			return nil, io.ErrUnexpectedEOF
		}
		switch k := int(int8(src[0])); {
		case k >= 0:
			if len(src) < k+2 {
				return nil, io.ErrUnexpectedEOF
			}
			out = append(out, src[1:min(k+2, n-len(out)+1)]...)
			src = src[k+2:]
		case k == -128:
			src = src[1:]
		default:
			for range min(1-k, n-len(out)) {
				out = append(out, src[1])
			}
			src = src[2:]
		}
	}
	return out, nil
}
