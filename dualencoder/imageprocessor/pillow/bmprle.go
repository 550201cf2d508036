package pillow

import "io"

// unpackRuns undoes a BMP's run-length coding (MS-WMF, "Run-length encoding"):
// one byte for each pixel in stored order. Data that ends before the picture
// is full is an error, as in Pillow. at is where src lies in the file, for
// literal runs are aligned to words of the file.
func unpackRuns(src []byte, at, width, height int, nibbles bool) ([]byte, error) {
	out := make([]byte, 0, width*height)
	room := func(n int) int { return min(n, cap(out)-len(out)) }
	x, i := 0, 0
	for len(out) < cap(out) {
		if i+2 > len(src) {
			return nil, io.ErrUnexpectedEOF
		}
		n, v := int(src[i]), src[i+1]
		i += 2
		if n > 0 {
			n = max(min(n, width-x), 0)
			pair := [2]byte{v, v}
			if nibbles {
				pair = [2]byte{v >> 4, v & 15}
			}
			for k := range room(n) {
				out = append(out, pair[k&1])
			}
			x += n
			continue
		}
		switch v {
		case 0: // end of the row
			if r := len(out) % width; r != 0 {
				out = append(out, make([]byte, room(width-r))...)
			}
			x = 0
		case 1: // end of the picture
			return nil, io.ErrUnexpectedEOF
		case 2: // move right and up
			if i+2 > len(src) {
				return nil, io.ErrUnexpectedEOF
			}
			out = append(out, make([]byte, room(int(src[i])+int(src[i+1])*width))...)
			x = len(out) % width
			i += 2
		default: // that many pixels as they are
			size := int(v)
			if nibbles {
				size = int(v) / 2
			}
			if i+size > len(src) {
				return nil, io.ErrUnexpectedEOF
			}
			for _, s := range src[i : i+size] {
				pair := []byte{s >> 4, s & 15}
				if !nibbles {
					pair = []byte{s}
				}
				out = append(out, pair[:room(len(pair))]...)
			}
			x += int(v)
			i += size
			i += (at + i) & 1
		}
	}
	return out, nil
}
