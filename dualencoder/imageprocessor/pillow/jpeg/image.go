package jpeg

import (
	"errors"
	"fmt"
	"io"
)

// Model says what the components of an image mean.
type Model int

// The colour models of JFIF and Adobe files.
const (
	Gray  Model = iota
	YCbCr       // JFIF, full range
	RGB
	CMYK
	YCCK // CMYK whose first three components are stored as YCbCr
)

// Image is a decoded picture: one, three or four components.
type Image struct {
	Width, Height int
	Model         Model
	Components    []Component
}

// Component is one plane of samples at its own resolution.
type Component struct {
	Pix           []byte
	Stride        int
	Width, Height int // in samples; Pix holds whole blocks and may be larger
	FX, FY        int // how many pixels a sample covers
}

// ErrFormat is wrapped by every error of this package that is not
// io.ErrUnexpectedEOF.
var ErrFormat = errors.New("not a JPEG that can be read")

// ErrBetweenScans is io.ErrUnexpectedEOF where a segment should follow a scan.
var ErrBetweenScans = fmt.Errorf("between scans: %w", io.ErrUnexpectedEOF)

func broken(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrFormat, fmt.Sprintf(format, args...))
}

// Decode reads a whole file. The function check is told the size that the
// header declares before anything is allocated for it; its error ends the
// decoding. Other errors wrap ErrFormat, or io.ErrUnexpectedEOF where the data
// ends too early. With ErrBetweenScans comes an Image without Components.
func Decode(data []byte, check func(width, height int) error) (*Image, error) {
	d := &decoder{data: data, check: check, conditions: newConditioning()}
	switch err := d.run(); err {
	case nil:
		return d.image()
	case ErrBetweenScans:
		return &Image{Width: d.width, Height: d.height, Model: d.model()}, err
	default:
		return nil, err
	}
}

// image hands out the planes.
func (d *decoder) image() (*Image, error) {
	m := &Image{Width: d.width, Height: d.height, Model: d.model()}
	if d.progressive {
		d.smooth()
	}
	for i := range d.comps {
		c := &d.comps[i]
		if d.hMax%c.h != 0 || d.vMax%c.v != 0 {
			return nil, broken("component %d is sampled %d × %d of %d × %d, not a whole fraction", c.id, c.h, c.v, d.hMax, d.vMax)
		}
		switch {
		case d.progressive:
			c.transform(0, c.rows)
			c.coeff = nil
		case c.quant == nil: // what no scan brings is grey
			for j := range c.pix {
				c.pix[j] = 128
			}
		}
		m.Components = append(m.Components, Component{
			Pix: c.pix, Stride: 8 * c.stride, Width: c.width, Height: c.height,
			FX: d.hMax / c.h, FY: d.vMax / c.v,
		})
	}
	return m, nil
}

// model says what the components mean.
func (d *decoder) model() Model {
	switch {
	case len(d.comps) == 1:
		return Gray
	case len(d.comps) == 3:
		return d.model3()
	case d.adobe && d.adobeTransform != 0:
		return YCCK
	}
	return CMYK
}

// model3 guesses the colour model of three components as libjpeg does: a JFIF
// marker, then Adobe's, then the components' names.
func (d *decoder) model3() Model {
	switch {
	case d.jfif:
	case d.adobe:
		if d.adobeTransform == 0 {
			return RGB
		}
	case d.comps[0].id == 'R' && d.comps[1].id == 'G' && d.comps[2].id == 'B':
		return RGB
	}
	return YCbCr
}
