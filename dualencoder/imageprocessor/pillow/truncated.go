package pillow

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"io"
	"slices"
)

// wholeRows is what there is of rows that end too early, filled up to size
// bytes with zeros; used of a row's stride bytes matter. A row that is not
// whole counts as missing.
func wholeRows(data []byte, used, stride, size int) []byte {
	rows := 0
	if len(data) >= used {
		rows = 1 + (len(data)-used)/stride
	}
	out := make([]byte, size)
	copy(out, data[:min(rows*stride, len(data))])
	return out
}

// mendPNG makes a whole PNG of one that the decoder refuses: it unpacks the
// samples as far as they go, fills up with zeros, and packs them again. short
// says why they are not all there, or is nil. A PNG whose trouble lies before
// the samples is returned as it is.
func mendPNG(data []byte) (whole []byte, short error) {
	const signature, header = 8, 25
	if len(data) < signature+header {
		return data, nil
	}
	var packed []byte
	head := 0 // where the samples begin
	for at := signature; at+8 <= len(data); {
		n := int(min(binary.BigEndian.Uint32(data[at:]), 1<<31-1))
		if string(data[at+4:at+8]) == "IDAT" {
			if head == 0 {
				head = at
			}
			packed = append(packed, data[at+8:min(at+8+n, len(data))]...)
		} else if head > 0 {
			break
		}
		at += 12 + n
	}
	if head == 0 {
		return data, nil
	}
	samples, short := unpackPNG(packed, pngPasses(data[16:29]))
	out := bytes.NewBuffer(bytes.Clone(data[:head]))
	var body bytes.Buffer
	z, err := zlib.NewWriterLevel(&body, zlib.NoCompression)
	if err == nil {
		_, err = z.Write(samples)
	}
	if err != nil || z.Close() != nil {
		panic("pillow: PNG: a buffer refused bytes")
	}
	putPNGChunk(out, "IDAT", body.Bytes())
	putPNGChunk(out, "IEND", nil)
	return out.Bytes(), short
}

func putPNGChunk(out *bytes.Buffer, name string, body []byte) {
	at := out.Len() + 4
	out.Write(binary.BigEndian.AppendUint32(nil, uint32(len(body))))
	out.WriteString(name)
	out.Write(body)
	out.Write(binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(out.Bytes()[at:])))
}

// pngPass is a part of the samples: rows of size bytes, the filter's included.
type pngPass struct{ rows, size int }

// pngPasses reads how the samples lie from the body of the header chunk.
func pngPasses(header []byte) []pngPass {
	width, height := int(binary.BigEndian.Uint32(header)), int(binary.BigEndian.Uint32(header[4:]))
	bits := int(header[8])
	switch header[9] {
	case 2: // RGB
		bits *= 3
	case 4: // grey and alpha
		bits *= 2
	case 6: // RGB and alpha
		bits *= 4
	}
	steps := [][4]int{{0, 0, 1, 1}} // first column and row, and how far to the next
	if header[12] != 0 {
		steps = [][4]int{{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}}
	}
	var passes []pngPass
	for _, s := range steps {
		across, down := (width-s[0]+s[2]-1)/s[2], (height-s[1]+s[3]-1)/s[3]
		if across > 0 && down > 0 {
			passes = append(passes, pngPass{down, 1 + (across*bits+7)/8})
		}
	}
	return passes
}

// unpackPNG inflates rows as far as the data goes, and gives the error that
// ended it early. Rows that are not whole are zeros.
func unpackPNG(packed []byte, passes []pngPass) (samples []byte, err error) {
	size := 0
	for _, p := range passes {
		size += p.rows * p.size
	}
	samples = make([]byte, size)
	have := inflatable(samples, packed)
	// Pillow stops at the end of the row in which the last byte is taken in, even
	// where what it has taken in would give more rows.
	last := inflatable(make([]byte, size), packed[:max(len(packed)-1, 0)])
	whole := 0
	for _, p := range passes {
		for range p.rows {
			if whole+p.size > have || whole > last {
				if _, err = inflate(samples, packed); err == nil || err == io.EOF {
					err = io.ErrUnexpectedEOF
				}
				clear(samples[whole:])
				return samples, err
			}
			whole += p.size
		}
	}
	return samples, nil
}

// inflate fills dst from the start of a zlib stream.
func inflate(dst, packed []byte) (int, error) {
	z, err := zlib.NewReader(bytes.NewReader(packed))
	if err != nil {
		return 0, err
	}
	return io.ReadFull(z, dst)
}

// inflatable is how many bytes a stream that may end early gives, and puts
// them into dst. Go's reader wants more bits than the next code may have; so
// two continuations are tried, and what both give did not depend on them.
func inflatable(dst, packed []byte) int {
	other := make([]byte, len(dst))
	n, _ := inflate(dst, append(slices.Clip(packed), 0, 0, 0, 0, 0, 0, 0, 0))
	m, _ := inflate(other, append(slices.Clip(packed), 255, 255, 255, 255, 255, 255, 255, 255))
	for i := range min(n, m) {
		if dst[i] != other[i] {
			return i
		}
	}
	return min(n, m)
}
