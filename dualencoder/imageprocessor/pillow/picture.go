package pillow

import "github.com/vkdual/vkdual/dualencoder/imageprocessor/pillow/simd"

// Picture is a decoded picture, one pixel or more. It is an [RGB] or holds what
// its file had, which becomes RGB row by row as it is resized: then it takes
// less memory, and one goroutine may read it at a time.
type Picture interface {
	Size() (width, height int)
	// planes writes row y.
	planes(y int, dst simd.Planes)
}

// ToRGB converts all rows; an RGB is returned as it is.
func ToRGB(p Picture) *RGB {
	if m, ok := p.(*RGB); ok {
		return m
	}
	w, h := p.Size()
	out := NewRGB(w, h)
	k, line := simd.Best(), simd.NewPlanes(w, 0)
	for y := range h {
		p.planes(y, line)
		k.Join(out.Row(y), line)
	}
	return out
}

// Size returns m's fields.
func (m *RGB) Size() (width, height int) { return m.Width, m.Height }

func (m *RGB) planes(y int, dst simd.Planes) { simd.Best().Split(dst, m.Row(y)) }
