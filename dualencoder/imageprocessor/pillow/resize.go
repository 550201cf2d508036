package pillow

import (
	"fmt"
	"image"

	"github.com/vkdual/vkdual/dualencoder/imageprocessor/pillow/simd"
)

// Resize scales all of src to width × height, byte for byte as Pillow's
// Image.resize. It panics if a dimension is not positive or the filter is not
// one of Pillow's.
func Resize(src Picture, width, height int, f Filter) *RGB {
	return ResizeWindow(src, width, height, f, image.Rect(0, 0, width, height))
}

// ResizeWindow returns the part window of what Resize would return. Only that
// part is computed, so a centre crop of an oblong picture costs what the crop
// costs. The window must not be empty and must lie within width × height.
func ResizeWindow(src Picture, width, height int, f Filter, window image.Rectangle) *RGB {
	w, h := src.Size()
	return resizeBox(src, box32{0, 0, float32(w), float32(h)}, width, height, f, window)
}

// box32 is the part of the source to be scaled, in float32 as in Pillow.
type box32 struct{ x0, y0, x1, y1 float32 }

func resizeBox(src Picture, box box32, width, height int, f Filter, window image.Rectangle) *RGB {
	if width <= 0 || height <= 0 || window.Empty() || !window.In(image.Rect(0, 0, width, height)) {
		panic(fmt.Sprintf("pillow: resize to %d×%d, window %v", width, height, window))
	}
	if f == Nearest {
		return nearest(src, box, width, height, window)
	}
	// The first pass makes one row at a time, which the second takes at once:
	// no more than the rows of the output is ever held.
	k := simd.Best()
	inWidth, inHeight := src.Size()
	n := window.Dx()
	var row func(y int) simd.Planes
	if width != inWidth || box.x0 != 0 || box.x1 != float32(width) {
		cols := newTaps(f, inWidth, box.x0, box.x1, width, window.Min.X, window.Max.X)
		lanes := cols.lanes()
		in, out := simd.NewPlanes(inWidth, lanes.Size), simd.NewPlanes(n, 0)
		wide := make([]int16, len(in.Pix))
		row = func(y int) simd.Planes {
			src.planes(y, in)
			k.Columns(out, in, &lanes, wide)
			return out
		}
	} else {
		in := simd.NewPlanes(inWidth, 0)
		part := simd.Planes{Pix: in.Pix[window.Min.X:], Stride: in.Stride}
		row = func(y int) simd.Planes {
			src.planes(y, in)
			return part
		}
	}
	out := NewRGB(n, window.Dy())
	if height == inHeight && box.y0 == 0 && box.y1 == float32(height) {
		for y := range out.Height {
			k.Join(out.Row(y), row(window.Min.Y+y))
		}
		return out
	}
	mixRows(k, out, row, newTaps(f, inHeight, box.y0, box.y1, height, window.Min.Y, window.Max.Y))
	return out
}

// mixRows is the vertical pass. Each source row is read once and added to the
// sums of all output rows that it reaches; a finished sum is rounded and its
// memory used for the next.
func mixRows(k simd.Kernels, out *RGB, row func(y int) simd.Planes, rows *taps) {
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
			k.Add(sums[y], samples, weights[r-first])
		}
		for ; oldest < next && end(oldest) <= r+1; oldest++ {
			dst, n := out.Row(oldest), out.Width
			for c := range 3 {
				for i, s := range sums[oldest][c*n : (c+1)*n] {
					dst[3*i+c] = clip8(s >> fractionBits)
				}
			}
			free, sums[oldest] = append(free, sums[oldest]), nil
		}
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
func nearest(src Picture, box box32, width, height int, window image.Rectangle) *RGB {
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
	w, h := src.Size()
	xs := pick(box.x0, box.x1, w, width, window.Min.X, window.Max.X)
	ys := pick(box.y0, box.y1, h, height, window.Min.Y, window.Max.Y)
	out := NewRGB(window.Dx(), window.Dy())
	line, have := simd.NewPlanes(w, 0), -1
	for y, sy := range ys {
		if sy != have {
			src.planes(sy, line)
			have = sy
		}
		dst := out.Row(y)
		for c := range 3 {
			for x, sx := range xs {
				dst[3*x+c] = line.Pix[c*line.Stride+sx]
			}
		}
	}
	return out
}
