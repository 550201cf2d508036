package pillow

import (
	"fmt"
	"io"
)

// Tags of TIFF 6.0 that are read.
const (
	tiffWidth        = 256
	tiffHeight       = 257
	tiffBits         = 258
	tiffCompression  = 259
	tiffPhotometric  = 262
	tiffFillOrder    = 266
	tiffStripOffsets = 273
	tiffSamples      = 277
	tiffRowsPerStrip = 278
	tiffStripCounts  = 279
	tiffPlanar       = 284
	tiffT4Options    = 292
	tiffPredictor    = 317
	tiffColorMap     = 320
	tiffTileWidth    = 322
	tiffTileHeight   = 323
	tiffTileOffsets  = 324
	tiffTileCounts   = 325
	tiffExtra        = 338
	tiffSampleFormat = 339
)

// Photometric interpretations.
const (
	whiteIsZero = 0
	blackIsZero = 1
	tiffRGB     = 2
	tiffPalette = 3
	tiffInks    = 5
)

// tiffPage is the first page of a TIFF: its layout, and the samples as 8-bit
// planes once they are read.
type tiffPage struct {
	*tiffDirectory
	width, height          int
	bits, samples          int
	photometric            int
	separate               bool // a plane after the other
	premultiplied          bool // colours are multiplied by alpha
	chunkWidth, chunkRows  int  // of a strip or tile
	across                 int  // tiles in a row
	offsets, counts        []uint32
	wanted                 int    // samples of a pixel that the colour needs
	planes                 []byte // [height][width][wanted]
	compression, predictor int
	truncated              bool // what ends too early may be used
}

// decodeTIFF returns the first page: strips or tiles, one plane or several,
// grey, palette, RGB or CMYK of 1 to 16 bits a sample. Alpha is dropped; where
// colours are multiplied by it, that is undone first, as Pillow does. Pillow
// also turns every TIFF upright as it loads it, asked or not.
func decodeTIFF(data []byte, o DecodeOptions) (*RGB, error) {
	d, err := readTIFF(data)
	if err != nil {
		return nil, err
	}
	p := &tiffPage{tiffDirectory: d, width: d.first(tiffWidth, 0), height: d.first(tiffHeight, 0)}
	// A directory that is not whole is enough for Pillow, but not for libtiff,
	// which it asks where there is compression.
	if p.short && (p.width == 0 || p.height == 0 || p.first(tiffCompression, 1) != 1) {
		return nil, io.ErrUnexpectedEOF
	}
	if err := o.check("TIFF", p.width, p.height); err != nil {
		return nil, err
	}
	if err := p.layout(); err != nil {
		return nil, err
	}
	p.planes = make([]byte, p.width*p.height*p.wanted)
	if p.truncated = o.AllowTruncated; p.truncated && p.photometric == whiteIsZero && p.bits < 16 {
		for i := range p.planes { // what is missing will be black
			p.planes[i] = 0xff
		}
	}
	if err := p.readChunks(); err != nil {
		return nil, err
	}
	return upright(p.colours(), tiffOrientation(data)), nil
}

// layout reads and checks how the samples are stored.
func (p *tiffPage) layout() error {
	p.compression = p.first(tiffCompression, 1)
	p.photometric = p.first(tiffPhotometric, whiteIsZero)
	p.predictor = p.first(tiffPredictor, 1)
	p.samples = p.first(tiffSamples, 1)
	p.separate = p.first(tiffPlanar, 1) == 2
	p.bits = p.first(tiffBits, 1)
	for _, b := range p.tags[tiffBits] {
		if int(b) != p.bits {
			return fmt.Errorf("samples of %d bits are not supported", p.tags[tiffBits])
		}
	}
	switch p.bits {
	case 1, 2, 4, 8, 16:
	default:
		return fmt.Errorf("%d bits a sample are not supported", p.bits)
	}
	for _, f := range p.tags[tiffSampleFormat] {
		if f != 1 {
			return fmt.Errorf("sample format %d (signed or floating) is not supported", f)
		}
	}
	if fax := p.compression == 3 || p.compression == 4; fax && (p.bits != 1 || p.samples != 1) {
		return fmt.Errorf("a fax of %d samples of %d bits", p.samples, p.bits)
	}
	switch p.photometric {
	case whiteIsZero, blackIsZero:
		p.wanted = 1
	case tiffPalette:
		p.wanted = 1
		if p.bits > 8 || len(p.tags[tiffColorMap]) < 3<<p.bits {
			return fmt.Errorf("a palette of %d values for %d bits", len(p.tags[tiffColorMap]), p.bits)
		}
	case tiffRGB:
		p.wanted = 3
		if e := p.tags[tiffExtra]; len(e) > 0 && e[0] == 1 && p.samples > 3 {
			p.wanted, p.premultiplied = 4, true
		}
	case tiffInks:
		p.wanted = 4
	default:
		return fmt.Errorf("photometric interpretation %d is not supported", p.photometric)
	}
	if p.samples < p.wanted || p.samples > 8 || p.wanted > 1 && p.bits < 8 {
		return fmt.Errorf("%d samples of %d bits for photometric interpretation %d", p.samples, p.bits, p.photometric)
	}
	return p.chunkLayout()
}

// chunkLayout finds the strips or tiles.
func (p *tiffPage) chunkLayout() error {
	p.across = 1
	p.chunkWidth, p.chunkRows = p.width, min(p.first(tiffRowsPerStrip, p.height), p.height)
	p.offsets, p.counts = p.tags[tiffStripOffsets], p.tags[tiffStripCounts]
	if len(p.tags[tiffTileOffsets]) > 0 {
		p.chunkWidth, p.chunkRows = p.first(tiffTileWidth, 0), p.first(tiffTileHeight, 0)
		p.offsets, p.counts = p.tags[tiffTileOffsets], p.tags[tiffTileCounts]
		if p.chunkWidth > 0 {
			p.across = (p.width + p.chunkWidth - 1) / p.chunkWidth
		}
	}
	// A tile may be larger than the picture, but not absurdly so.
	if p.chunkWidth < 1 || p.chunkRows < 1 || p.chunkWidth > p.width+1<<10 || p.chunkRows > p.height+1<<10 {
		return fmt.Errorf("strips or tiles of %d × %d", p.chunkWidth, p.chunkRows)
	}
	chunks := p.across * ((p.height + p.chunkRows - 1) / p.chunkRows)
	if p.separate {
		chunks *= p.samples
	}
	known := len(p.offsets)
	if p.compression != 1 { // else the counts are not looked at
		known = min(known, len(p.counts))
	}
	if known < chunks {
		if p.short {
			return io.ErrUnexpectedEOF
		}
		return fmt.Errorf("%d strips or tiles; %d are needed", known, chunks)
	}
	return nil
}

// readChunks unpacks every strip or tile that is needed into the planes.
func (p *tiffPage) readChunks() error {
	perPlane := p.across * ((p.height + p.chunkRows - 1) / p.chunkRows)
	each, sets := p.samples, 1
	if p.separate {
		each, sets = 1, p.wanted
	}
	rowBytes := (p.chunkWidth*each*p.bits + 7) / 8
	samples := make([]byte, p.chunkWidth*each)
	for i := range perPlane * sets {
		x, y := i%perPlane%p.across*p.chunkWidth, i%perPlane/p.across*p.chunkRows
		rows := p.chunkRows
		if p.across == 1 && len(p.tags[tiffTileOffsets]) == 0 {
			rows = min(rows, p.height-y) // the last strip is short
		}
		src := p.data[min(int64(p.offsets[i]), int64(len(p.data))):]
		switch {
		case p.compression == 1: // what lies past the picture may be missing
			rows = min(rows, p.height-y)
			used, have := (min(p.chunkWidth, p.width-x)*each*p.bits+7)/8, 0
			if len(src) >= used {
				have = 1 + (len(src)-used)/rowBytes
			}
			if have < rows && !p.truncated {
				return io.ErrUnexpectedEOF
			}
			rows = min(rows, have)
			src = wholeRows(src, used, rowBytes, rows*rowBytes)
		case int64(len(src)) < int64(p.counts[i]):
			return io.ErrUnexpectedEOF
		default:
			src = src[:p.counts[i]]
		}
		chunk, err := p.unpack(src, rowBytes, rows)
		if err != nil {
			return err
		}
		for r := range min(rows, p.height-y) {
			row := chunk[r*rowBytes : (r+1)*rowBytes]
			p.undoPredictor(row, each)
			p.widen(samples, row)
			dst := p.planes[((y+r)*p.width+x)*p.wanted:]
			for k := range min(p.chunkWidth, p.width-x) {
				if p.separate {
					dst[k*p.wanted+i/perPlane] = samples[k]
				} else {
					copy(dst[k*p.wanted:(k+1)*p.wanted], samples[k*each:])
				}
			}
		}
	}
	return nil
}

// undoPredictor sums a row's horizontal differences.
func (p *tiffPage) undoPredictor(row []byte, each int) {
	switch {
	case p.predictor != 2:
	case p.bits == 8:
		for i := each; i < len(row); i++ {
			row[i] += row[i-each]
		}
	case p.bits == 16:
		for i := 2 * each; i+1 < len(row); i += 2 {
			p.order.PutUint16(row[i:], p.order.Uint16(row[i:])+p.order.Uint16(row[i-2*each:]))
		}
	}
}

// widen brings a row's samples to 8 bits each. Grey of 16 bits is clipped and
// other samples keep their high byte; grey of less is stretched, indices stay.
func (p *tiffPage) widen(dst, row []byte) {
	switch {
	case p.bits == 8:
		copy(dst, row)
	case p.bits == 16:
		for i := range dst {
			v := p.order.Uint16(row[2*i:])
			if dst[i] = byte(v >> 8); p.wanted == 1 {
				dst[i] = clipGray16(byte(v>>8), byte(v))
			}
		}
	default:
		top := byte(1)<<p.bits - 1
		scale := 255 / top
		if p.photometric == tiffPalette {
			scale = 1
		}
		per := 8 / p.bits
		for i := range dst {
			dst[i] = row[i/per] >> (p.bits * (per - 1 - i%per)) & top * scale
		}
	}
}

// colours turns the planes into RGB.
func (p *tiffPage) colours() *RGB {
	out := NewRGB(p.width, p.height)
	table := p.tags[tiffColorMap]
	for i := range p.width * p.height {
		s := p.planes[i*p.wanted : (i+1)*p.wanted]
		d := out.Pix[3*i : 3*i+3]
		switch p.photometric {
		case whiteIsZero, blackIsZero:
			v := s[0]
			if p.photometric == whiteIsZero && p.bits < 16 { // Pillow inverts no 16-bit grey
				v = ^v
			}
			d[0], d[1], d[2] = v, v, v
		case tiffPalette:
			for c := range 3 {
				d[c] = byte(table[c<<p.bits+int(s[0])] >> 8)
			}
		case tiffRGB:
			copy(d, s)
			if a := 255; p.premultiplied && s[3] != 255 {
				if a = int(s[3]); a == 0 {
					copy(d, []byte{0, 0, 0})
					continue
				}
				for c := range d {
					d[c] = byte(min(int(s[c])*255/a, 255))
				}
			}
		case tiffInks:
			d[0], d[1], d[2] = fromCMYK(s[0], s[1], s[2], s[3])
		}
	}
	return out
}
