package pillow

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"io"
	"slices"
	"sort"
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
// says why Pillow would not take them for whole, or is nil: it looks neither at
// the checksums of chunks nor at what follows the samples, but that each chunk
// is there. A PNG whose trouble lies before the samples is returned as it is.
func mendPNG(data []byte) (whole []byte, short error) {
	const signature, header = 8, 25
	if len(data) < signature+header {
		return data, nil
	}
	var s pngStream
	head, at := 0, signature // where the samples begin, and what follows them
	for at+8 <= len(data) {
		n := int(min(binary.BigEndian.Uint32(data[at:]), 1<<31-1))
		name := string(data[at+4 : at+8])
		if name == "IEND" {
			break
		}
		if head == 0 && name == "IDAT" {
			head = at
		}
		if at += 8 + n; head > 0 {
			s.cut = at > len(data)
		}
		if name == "IDAT" && !s.behind {
			s.add(data[at-n : min(at, len(data))])
		} else if head > 0 {
			s.behind = true
		}
		at += 4
	}
	if head == 0 {
		return data, nil
	}
	samples, short := s.unpack(pngPasses(data[16:29]))
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

// pngStream is the compressed samples, joined from their chunks.
type pngStream struct {
	packed []byte
	pieces []int // where in packed those end that Pillow takes in at once
	behind bool  // other chunks follow
	cut    bool  // the last chunk of all is not whole
}

// add appends a chunk's body.
func (s *pngStream) add(body []byte) {
	const most = 1 << 16
	for n := most; n < len(body); n += most {
		s.pieces = append(s.pieces, len(s.packed)+n)
	}
	s.packed = append(s.packed, body...)
	s.pieces = append(s.pieces, len(s.packed))
}

// unpack inflates rows as far as the data goes, and gives the error that ended
// it early. Rows that are not whole are zeros.
func (s *pngStream) unpack(passes []pngPass) (samples []byte, err error) {
	size, lastRow := 0, 0
	for _, p := range passes {
		size, lastRow = size+p.rows*p.size, p.size
	}
	samples = make([]byte, size)
	whole := wholePNG(samples, s.packed, passes)
	switch {
	case whole < size:
		if _, err = inflate(samples, s.packed); err == nil || err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
	default:
		if err = s.finish(passes, size); err != nil && err != io.ErrUnexpectedEOF {
			whole -= lastRow // zlib sees it while that row is made
		}
	}
	clear(samples[whole:])
	return samples, err
}

// wholePNG inflates into samples and says how many bytes of them Pillow makes
// rows of. It stops at the end of the row in which the last byte is taken in,
// even where what it has taken in would give more rows; and zlib looks one code
// ahead.
func wholePNG(samples, packed []byte, passes []pngPass) (whole int) {
	have := inflatable(samples, packed)
	last := inflatable(make([]byte, len(samples)), packed[:max(len(packed)-1, 0)])
	for _, p := range passes {
		for range p.rows {
			if whole+p.size > have || whole > 0 && whole >= last {
				return whole
			}
			whole += p.size
		}
	}
	return whole
}

// finish reads on where the samples were all there, up to the end of the piece
// that brought the last: what is wrong in it is an error, and so is a later
// chunk that is not whole.
func (s *pngStream) finish(passes []pngPass, size int) error {
	samples := make([]byte, size)
	i := sort.Search(len(s.pieces)-1, func(i int) bool {
		return wholePNG(samples, s.packed[:s.pieces[i]], passes) == size
	})
	if s.cut && (s.behind || i < len(s.pieces)-1) {
		return io.ErrUnexpectedEOF
	}
	z, err := zlib.NewReader(bytes.NewReader(s.packed[:s.pieces[i]]))
	if err != nil {
		return err
	}
	switch _, err := io.CopyN(io.Discard, z, int64(size)+1); err {
	case nil, io.EOF, io.ErrUnexpectedEOF:
		return nil
	default:
		return err
	}
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
