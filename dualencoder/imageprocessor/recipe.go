package imageprocessor

import (
	"fmt"

	"github.com/vkdual/vkdual/dualencoder/imageprocessor/pillow"
)

// recipe is a configuration in one form for all classes: the steps in the
// order in which they are done. A step that is nil or zero is left out.
type recipe struct {
	class string

	align     *dims // turn the picture so that its long axis is this one's (Donut)
	resize    *sizing
	filter    pillow.Filter
	thumbnail *dims // then shrink to fit within (Donut)
	crop      *dims // then cut out the centre
	pad       *dims // or centre on black

	rescale   bool
	factor    float64
	normalize bool
	mean, std [3]float64

	divisor  int  // then add zeros up to a multiple of this (DPT)
	padBatch bool // pictures of a batch are padded to the largest (YOLOS)
}

// layout is what becomes of a picture of one size.
type layout struct {
	turn    bool
	scaled  dims // after resize
	fitted  dims // after thumbnail
	out     dims // the result
	corner  dims // where in the result the fitted picture's corner lies
	neutral bool // what the picture does not cover is 0, not black
}

// maxPixels bounds what a layout may ask to be held in memory.
const maxPixels = pillow.DefaultMaxPixels

// layout plans the steps for a picture, and refuses what cannot be done.
func (r *recipe) layout(in dims) (layout, error) {
	fail := func(format string, args ...any) (layout, error) {
		return layout{}, &ShapeError{Processor: r.class, Width: in.width, Height: in.height, Reason: fmt.Sprintf(format, args...)}
	}
	var l layout
	l.scaled = in
	if a := r.align; a != nil && (a.width < a.height && in.width > in.height || a.width > a.height && in.width < in.height) {
		l.turn = true
		l.scaled = dims{in.width, in.height}
	}
	if r.resize != nil {
		l.scaled = r.resize.of(l.scaled)
		if l.scaled.height < 1 || l.scaled.width < 1 {
			return fail("scaled, it would be %d × %d", l.scaled.width, l.scaled.height)
		}
	}
	l.fitted = l.scaled
	if r.thumbnail != nil {
		l.fitted = thumbnailOf(l.scaled, *r.thumbnail)
		if l.fitted.height < 1 || l.fitted.width < 1 {
			return fail("as a thumbnail, it would be %d × %d", l.fitted.width, l.fitted.height)
		}
		if l.fitted != l.scaled && l.scaled.height > maxPixels/l.scaled.width {
			return fail("scaled, it would be %d × %d", l.scaled.width, l.scaled.height)
		}
	}
	l.out = l.fitted
	switch {
	case r.crop != nil:
		l.out, l.corner = centreCrop(l.fitted, *r.crop)
	case r.pad != nil:
		l.out = *r.pad
		if l.fitted.height > l.out.height || l.fitted.width > l.out.width {
			return fail("%d × %d do not fit into %d × %d", l.fitted.width, l.fitted.height, l.out.width, l.out.height)
		}
		l.corner = dims{(l.out.height - l.fitted.height) / 2, (l.out.width - l.fitted.width) / 2}
	case r.divisor > 1:
		up := func(v int) int { return (v + r.divisor - 1) / r.divisor * r.divisor }
		l.out = dims{up(l.fitted.height), up(l.fitted.width)}
		l.corner = dims{(l.out.height - l.fitted.height) / 2, (l.out.width - l.fitted.width) / 2}
		l.neutral = true
	}
	if l.out.height > maxPixels/l.out.width {
		return fail("the result would be %d × %d", l.out.width, l.out.height)
	}
	return l, nil
}

// fixed returns the size of every result, or zeros where it depends on the
// picture: one that is scaled to less than the crop box may come out smaller.
func (r *recipe) fixed() dims {
	switch {
	case r.pad != nil:
		return *r.pad
	case r.resize == nil:
	case r.resize.always != dims{} && r.thumbnail == nil:
		if l, err := r.layout(r.resize.always); err == nil {
			return l.out
		}
	case r.crop != nil && r.resize.least >= max(r.crop.height, r.crop.width):
		return *r.crop
	}
	return dims{}
}

// table gives the value of each level of each channel: there are only 256, so
// rescaling and normalising are done once. The reference multiplies in float64,
// rounds to float32, then subtracts and divides in float32.
func (r *recipe) table() *[3][256]float32 {
	var t [3][256]float32
	for c := range t {
		mean, std := float32(r.mean[c]), float32(r.std[c])
		for v := range t[c] {
			x := float32(v)
			if r.rescale {
				x = float32(float64(v) * r.factor)
			}
			if r.normalize {
				x = float32(x-mean) / std
			}
			t[c][v] = x
		}
	}
	return &t
}
