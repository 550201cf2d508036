package imageprocessor

import "math"

// dims is a picture's height and width.
type dims struct{ height, width int }

// sizing says to which size a picture is scaled.
type sizing struct {
	// of gives the size. It may be unusable (0, or enormous): the caller checks.
	of func(in dims) dims
	// always is the size of every picture, or zeros where that depends on it.
	always dims
	// least is what no edge of any picture falls below.
	least int
}

// exactly scales every picture to one size.
func exactly(to dims) *sizing {
	return &sizing{of: func(dims) dims { return to }, always: to}
}

// shortestEdge keeps the proportions; the longer edge is rounded down.
func shortestEdge(n int) *sizing {
	return &sizing{least: n, of: func(in dims) dims {
		long := scaled(n, max(in.height, in.width), min(in.height, in.width))
		if in.width <= in.height {
			return dims{long, n}
		}
		return dims{n, long}
	}}
}

// scaled is n·a/b as the reference computes it: in float64, cut off.
func scaled(n, a, b int) int { return int(float64(n*a) / float64(b)) }

// multiples scales to multiples of a number (DPT), with one factor for both
// axes where the aspect is kept: the one that changes the picture less.
func multiples(to dims, multiple int, aspect bool) *sizing {
	s := &sizing{of: func(in dims) dims {
		high := float64(to.height) / float64(in.height)
		wide := float64(to.width) / float64(in.width)
		if aspect {
			if math.Abs(1-wide) < math.Abs(1-high) {
				high = wide
			} else {
				wide = high
			}
		}
		nearest := func(v float64) int {
			return int(math.RoundToEven(v/float64(multiple))) * multiple
		}
		return dims{nearest(high * float64(in.height)), nearest(wide * float64(in.width))}
	}}
	// Half a multiple may be rounded up or down, as the factor's last bit falls.
	if !aspect && to.height%multiple == 0 && to.width%multiple == 0 {
		s.always = to
	}
	return s
}

// sixteenths scales the shorter edge to n, or less so that the longer one stays
// within most, then rounds both down to multiples of 16 (YOLOS). A square
// picture keeps its size but for the rounding, as in the reference.
func sixteenths(n, most int) *sizing {
	return &sizing{of: func(in dims) dims {
		n := n
		short, long := float64(min(in.height, in.width)), float64(max(in.height, in.width))
		if long/short*float64(n) > float64(most) {
			n = int(math.RoundToEven(float64(most) * short / long))
		}
		out := in
		switch {
		case in.width < in.height && in.width != n:
			out = dims{scaled(n, in.height, in.width), n}
		case in.height < in.width && in.height != n:
			out = dims{n, scaled(n, in.width, in.height)}
		}
		return dims{out.height &^ 15, out.width &^ 15}
	}}
}

// thumbnailOf shrinks to fit within a size (Donut); it never enlarges.
func thumbnailOf(in, within dims) dims {
	out := dims{min(in.height, within.height), min(in.width, within.width)}
	switch {
	case out == in:
	case in.height > in.width:
		out.width = scaled(out.height, in.width, in.height)
	case in.width > in.height:
		out.height = scaled(out.width, in.height, in.width)
	}
	return out
}

// centreCrop places a picture in a crop box: the box's real size, and where in
// it the picture's corner comes to lie (negative: cut off). Where the picture
// is smaller by an odd number, the reference pads one row too few, and so do we:
// its pixels are what the model saw.
func centreCrop(in, box dims) (out, corner dims) {
	out.height, corner.height = centreCrop1(in.height, box.height)
	out.width, corner.width = centreCrop1(in.width, box.width)
	return out, corner
}

func centreCrop1(in, box int) (out, corner int) {
	if in >= box {
		return box, -((in - box) / 2)
	}
	return box - (box-in)%2, (box - in) / 2
}
