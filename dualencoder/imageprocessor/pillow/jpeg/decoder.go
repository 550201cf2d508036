package jpeg

import (
	"encoding/binary"
	"io"

	"github.com/vkdual/vkdual/dualencoder/imageprocessor/pillow/simd"
)

// Markers of T.81, table B.1, less their 0xFF.
const (
	sof0  = 0xc0 // baseline
	sof1  = 0xc1 // extended sequential
	sof2  = 0xc2 // progressive
	sof9  = 0xc9 // extended sequential, arithmetic
	sof10 = 0xca // progressive, arithmetic
	dht   = 0xc4
	dac   = 0xcc
	rst0  = 0xd0
	rst7  = 0xd7
	soi   = 0xd8
	eoi   = 0xd9
	sos   = 0xda
	dqt   = 0xdb
	dri   = 0xdd
	app0  = 0xe0
	app14 = 0xee
	app15 = 0xef
	com   = 0xfe
	tem   = 0x01
)

// maxScans bounds the work that a small file can ask for.
const maxScans = 500

type decoder struct {
	data  []byte
	at    int // the next byte to read
	check func(width, height int) error

	width, height int
	progressive   bool
	comps         []component
	hMax, vMax    int

	quant      [4]*[64]uint16 // in natural order
	dc, ac     [4]*huffman
	arithmetic bool // coded, not Huffman
	conditions conditioning
	interval   int // MCUs between restart markers, or 0

	jfif, adobe    bool
	adobeTransform byte
	scans          int
	good           int  // progressive: the last row of MCUs that the last scan brought
	complete       bool // a sequential picture has had every component's scan
}

// component is one plane while it is decoded.
type component struct {
	id            byte
	h, v          int // sampling factors
	table         int // which quantisation table
	width, height int // in samples
	stride, rows  int // in blocks, whole MCUs

	kernels simd.Kernels

	quant *[64]uint16 // as it was at the component's first scan
	pix   []byte
	coeff []int16  // 64 for each block, row-major; not progressive: of one row of MCUs
	set   []places // progressive only: one for each block

	known, before precision // progressive only: now, and before the last scan
}

// run reads segment after segment up to the end of the picture.
func (d *decoder) run() error {
	if len(d.data) < 2 || d.data[0] != 0xff || d.data[1] != soi {
		return broken("no start of image")
	}
	d.at = 2
	for {
		m, err := d.nextMarker()
		if err == io.ErrUnexpectedEOF && d.complete {
			return nil // only the end marker is missing
		}
		if err == io.ErrUnexpectedEOF && d.scans > 0 {
			return ErrBetweenScans
		}
		if err != nil {
			return err
		}
		switch {
		case m == eoi:
			if d.scans == 0 {
				return broken("no scan before the end of the image")
			}
			return nil
		case m == tem || m >= rst0 && m <= rst7:
			continue
		case m == soi:
			return broken("a second start of image")
		case m < sof0 || m > app15 && m != com:
			return broken("an unknown marker %#x", m)
		}
		body, err := d.segment()
		if err == io.ErrUnexpectedEOF && d.complete {
			return nil
		}
		if err == io.ErrUnexpectedEOF && d.scans > 0 {
			return ErrBetweenScans
		}
		if err != nil {
			return err
		}
		started := d.scans > 0
		if err := d.handle(m, body); err != nil {
			if started && d.at > len(d.data)-2 { // its last bytes may be an end marker, put where it was cut
				return ErrBetweenScans
			}
			return err
		}
	}
}

// nextMarker skips to a marker and returns it.
func (d *decoder) nextMarker() (byte, error) {
	for d.at+1 < len(d.data) {
		if d.data[d.at] != 0xff {
			d.at++
			continue
		}
		m := d.data[d.at+1]
		if m == 0xff {
			d.at++
			continue
		}
		d.at += 2
		if m != 0 {
			return m, nil
		}
	}
	return 0, io.ErrUnexpectedEOF
}

// segment returns the body of the segment whose marker was just read.
func (d *decoder) segment() ([]byte, error) {
	if d.at+2 > len(d.data) {
		return nil, io.ErrUnexpectedEOF
	}
	n := int(binary.BigEndian.Uint16(d.data[d.at:]))
	if n < 2 {
		return nil, broken("a segment of %d bytes", n)
	}
	if d.at+n > len(d.data) {
		return nil, io.ErrUnexpectedEOF
	}
	body := d.data[d.at+2 : d.at+n]
	d.at += n
	return body, nil
}

// handle takes one segment.
func (d *decoder) handle(m byte, body []byte) error {
	switch m {
	case sof0, sof1, sof2, sof9, sof10:
		d.arithmetic = m >= sof9
		return d.frame(body, m == sof2 || m == sof10)
	case dht:
		return d.huffmanTables(body)
	case dqt:
		return d.quantTables(body)
	case dri:
		if len(body) != 2 {
			return broken("a restart interval of %d bytes", len(body))
		}
		d.interval = int(binary.BigEndian.Uint16(body))
		return nil
	case sos:
		if d.complete {
			return broken("a scan after the last")
		}
		return d.scan(body)
	case app0:
		d.jfif = d.jfif || len(body) >= 14 && string(body[:5]) == "JFIF\x00"
		return nil
	case app14:
		if len(body) >= 12 && string(body[:5]) == "Adobe" {
			d.adobe, d.adobeTransform = true, body[11]
		}
		return nil
	case dac:
		return d.conditioning(body)
	}
	if m >= 0xc3 && m <= 0xcf {
		return broken("coding process SOF%d (lossless or hierarchical) is not supported", m-sof0)
	}
	return nil // comments, applications' own, and what changes no sample
}

// frame reads the header that declares the picture and its components.
func (d *decoder) frame(b []byte, progressive bool) error {
	if d.comps != nil {
		return broken("a second frame header")
	}
	if len(b) < 6 {
		return broken("a frame header of %d bytes", len(b))
	}
	n := int(b[5])
	if b[0] != 8 {
		return broken("%d bits a sample; only 8 are supported", b[0])
	}
	if n != 1 && n != 3 && n != 4 {
		return broken("%d components; 1, 3 or 4 are supported", n)
	}
	if len(b) != 6+3*n {
		return broken("a frame header of %d bytes for %d components", len(b), n)
	}
	d.height, d.width = int(binary.BigEndian.Uint16(b[1:])), int(binary.BigEndian.Uint16(b[3:]))
	if err := d.check(d.width, d.height); err != nil {
		return err
	}
	d.progressive = progressive
	d.comps = make([]component, n)
	for i := range d.comps {
		s := b[6+3*i:]
		c := component{id: s[0], h: int(s[1] >> 4), v: int(s[1] & 15), table: int(s[2]), kernels: simd.Best()}
		if c.h < 1 || c.h > 4 || c.v < 1 || c.v > 4 || c.table > 3 {
			return broken("component %d: sampling %d × %d, quantisation table %d", c.id, c.h, c.v, c.table)
		}
		d.hMax, d.vMax = max(d.hMax, c.h), max(d.vMax, c.v)
		d.comps[i] = c
	}
	across, down := ceilDiv(d.width, 8*d.hMax), ceilDiv(d.height, 8*d.vMax)
	for i := range d.comps {
		c := &d.comps[i]
		c.width, c.height = ceilDiv(d.width*c.h, d.hMax), ceilDiv(d.height*c.v, d.vMax)
		c.stride, c.rows = across*c.h, down*c.v
		c.pix = make([]byte, 64*c.stride*c.rows)
		if progressive {
			c.coeff = make([]int16, 64*c.stride*c.rows)
			c.set = make([]places, c.stride*c.rows)
			c.known, c.before = unknown(), unknown()
			continue
		}
		c.coeff = make([]int16, 64*c.stride*c.v)
	}
	return nil
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }

func (d *decoder) quantTables(b []byte) error {
	for len(b) > 0 {
		wide, id := int(b[0]>>4), b[0]&15
		size := 64
		if wide != 0 {
			size = 128
		}
		if id > 3 || wide > 1 || len(b) < 1+size {
			return broken("quantisation table %d of %d bytes", id, len(b)-1)
		}
		t := new([64]uint16)
		for i := range t {
			if wide == 1 {
				t[natural[i]] = binary.BigEndian.Uint16(b[1+2*i:])
			} else {
				t[natural[i]] = uint16(b[1+i])
			}
		}
		d.quant[id] = t
		b = b[1+size:]
	}
	return nil
}

// natural maps a coefficient's place in zigzag order to row-major order. The
// places past the end are for runs that broken data lets overshoot.
var natural = [128]byte{
	0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5,
	12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
	35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51,
	58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
	63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63,
	63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63,
	63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63,
	63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63,
}
