package pillow

import (
	"fmt"
	"image"
)

// Resize scales all of src to width × height, byte for byte as Pillow's
// Image.resize. It panics if a dimension is not positive or the filter is not
// one of Pillow's.
func Resize(src *RGB, width, height int, f Filter) *RGB {
	return ResizeWindow(src, width, height, f, image.Rect(0, 0, width, height))
}

// ResizeWindow returns the part window of what Resize would return. Only that
// part is computed, so a centre crop of an oblong picture costs what the crop
// costs. The window must not be empty and must lie within width × height.
func ResizeWindow(src *RGB, width, height int, f Filter, window image.Rectangle) *RGB {
	box := box32{0, 0, float32(src.Width), float32(src.Height)}
	return resizeBox(src, box, width, height, f, window)
}

// box32 is the part of the source to be scaled, in float32 as in Pillow.
type box32 struct{ x0, y0, x1, y1 float32 }

func resizeBox(src *RGB, box box32, width, height int, f Filter, window image.Rectangle) *RGB {
	if width <= 0 || height <= 0 || window.Empty() || !window.In(image.Rect(0, 0, width, height)) {
		panic(fmt.Sprintf("pillow: resize to %d×%d, window %v", width, height, window))
	}
	if f == Nearest {
		return nearest(src, box, width, height, window)
	}
	// The first pass makes one row at a time, which the second takes at once:
	// no more than the rows of the output is ever held.
	row := func(y int) []byte { return src.Row(y)[3*window.Min.X : 3*window.Max.X] }
	if width != src.Width || box.x0 != 0 || box.x1 != float32(width) {
		cols := newTaps(f, src.Width, box.x0, box.x1, width, window.Min.X, window.Max.X)
		buf := make([]byte, 3*window.Dx())
		row = func(y int) []byte {
			mixColumns(buf, src.Row(y), cols)
			return buf
		}
	}
	out := NewRGB(window.Dx(), window.Dy())
	if height == src.Height && box.y0 == 0 && box.y1 == float32(height) {
		for y := range out.Height {
			copy(out.Row(y), row(window.Min.Y+y))
		}
		return out
	}
	mixRows(out, row, newTaps(f, src.Height, box.y0, box.y1, height, window.Min.Y, window.Max.Y))
	return out
}

// mixColumns is the horizontal pass over one row: src is read through the taps
// and rounded to 8 bits.
func mixColumns(dst, src []byte, cols *taps) {
	for i := range cols.first {
		first, weights := cols.at(i)
		const half = 1 << (fractionBits - 1)
		r, g, b := int32(half), int32(half), int32(half)
		s := src[3*first : 3*first+3*len(weights)]
		for _, w := range weights {
			p := s[:3:3]
			r += int32(p[0]) * w
			g += int32(p[1]) * w
			b += int32(p[2]) * w
			s = s[3:]
		}
		d := dst[3*i : 3*i+3 : 3*i+3]
		d[0], d[1], d[2] = clip8(r>>fractionBits), clip8(g>>fractionBits), clip8(b>>fractionBits)
	}
}

// mixRows is the vertical pass. Each source row is read once and added to the
// sums of all output rows that it reaches; a finished sum is rounded and its
// memory used for the next.
func mixRows(out *RGB, row func(y int) []byte, rows *taps) {
	var free [][]int32
	sums := make([][]int32, out.Height)
	oldest, next := 0, 0
	end := func(y int) int { return int(rows.first[y] + rows.count[y]) }
	for r, stop := rows.span(); r < stop; r++ {
		for ; next < out.Height && int(rows.first[next]) <= r; next++ {
			if len(free) == 0 {
				free = append(free, make([]int32, 3*out.Width))
			}
			s := free[len(free)-1]
			free = free[:len(free)-1]
			for i := range s {
				s[i] = 1 << (fractionBits - 1)
			}
			sums[next] = s
		}
		samples := row(r)
		for y := oldest; y < next; y++ {
			first, weights := rows.at(y)
			addRow(sums[y], samples, weights[r-first])
		}
		for ; oldest < next && end(oldest) <= r+1; oldest++ {
			dst := out.Row(oldest)
			for i, s := range sums[oldest] {
				dst[i] = clip8(s >> fractionBits)
			}
			free, sums[oldest] = append(free, sums[oldest]), nil
		}
	}
}

// addRow adds w times a row to its sums.
func addRow(sums []int32, row []byte, w int32) {
	row = row[:len(sums)]
	for i, v := range row {
		sums[i] += int32(v) * w
	}
}

func clip8(v int32) byte {
	if uint32(v) <= 255 {
		return byte(v)
	}
	if v < 0 {
		return 0
	}
	return 255
}

// nearest picks for each output pixel the source pixel under its centre. The
// centre is stepped by addition, as Pillow does, so that its rounding is too.
func nearest(src *RGB, box box32, width, height int, window image.Rectangle) *RGB {
	pick := func(in0, in1 float32, in, out, from, to int) []int {
		step := float64(in1-in0) / float64(out)
		at := float64(in0) + float64(step*0.5)
		picked := make([]int, 0, to-from)
		for i := range to {
			if i >= from {
				picked = append(picked, min(max(int(at), 0), in-1))
			}
			at += step
		}
		return picked
	}
	xs := pick(box.x0, box.x1, src.Width, width, window.Min.X, window.Max.X)
	ys := pick(box.y0, box.y1, src.Height, height, window.Min.Y, window.Max.Y)
	out := NewRGB(window.Dx(), window.Dy())
	for y, sy := range ys {
		row, dst := src.Row(sy), out.Row(y)
		for x, sx := range xs {
			copy(dst[3*x:3*x+3], row[3*sx:3*sx+3])
		}
	}
	return out
}
