package pillow_test

import (
	"bytes"
	"fmt"
	"image"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/vkdual/vkdual/dualencoder/imageprocessor/internal/golden"
	"github.com/vkdual/vkdual/dualencoder/imageprocessor/pillow"
)

func TestResizeAsPillow(t *testing.T) {
	d := golden.Read(t, filepath.Join(images, "decode.safetensors.gz"))["rgb.png"]
	src := &pillow.RGB{Width: d.Shape[1], Height: d.Shape[0], Pix: d.Bytes}
	want := golden.Read(t, filepath.Join(images, "resize.safetensors.gz"))
	for _, name := range golden.Names(want) {
		t.Run(name, func(t *testing.T) {
			var w, h int
			var f pillow.Filter
			if _, err := fmt.Sscanf(name, "%dx%d-%d", &w, &h, &f); err != nil {
				t.Fatal(err)
			}
			same(t, pillow.Resize(src, w, h, f), want[name])
		})
	}
}

func noise(r *rand.Rand, w, h int) *pillow.RGB {
	m := pillow.NewRGB(w, h)
	for i := range m.Pix {
		m.Pix[i] = byte(r.Uint32())
	}
	return m
}

// TestWindow: a window of the result is that part of the whole result, and the
// source is left alone.
func TestWindow(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		src := noise(r, 1+r.IntN(60), 1+r.IntN(60))
		before := bytes.Clone(src.Pix)
		w, h := 1+r.IntN(80), 1+r.IntN(80)
		if r.IntN(4) == 0 {
			w = src.Width
		}
		if r.IntN(4) == 0 {
			h = src.Height
		}
		f := pillow.Filter(r.IntN(6))
		x, y := r.IntN(w), r.IntN(h)
		window := image.Rect(x, y, x+1+r.IntN(w-x), y+1+r.IntN(h-y))
		whole := pillow.Resize(src, w, h, f)
		part := pillow.ResizeWindow(src, w, h, f, window)
		for i := range part.Height {
			want := whole.Row(window.Min.Y + i)[3*window.Min.X : 3*window.Max.X]
			if !bytes.Equal(part.Row(i), want) {
				t.Fatalf("%d × %d to %d × %d by %v, window %v: row %d differs", src.Width, src.Height, w, h, f, window, i)
			}
		}
		clear(part.Pix)
		if !bytes.Equal(src.Pix, before) {
			t.Fatalf("%v: the source changed", f)
		}
	}
}

// TestFlat: a picture of one colour keeps it, whatever the filter.
func TestFlat(t *testing.T) {
	src := pillow.NewRGB(37, 23)
	for i := range src.Pix {
		src.Pix[i] = [3]byte{1, 128, 254}[i%3]
	}
	for f := pillow.Nearest; f <= pillow.Hamming; f++ {
		for _, size := range [][2]int{{5, 7}, {37, 100}, {300, 1}} {
			m := pillow.Resize(src, size[0], size[1], f)
			for i, v := range m.Pix {
				if v != src.Pix[i%3] {
					t.Fatalf("%v to %v: sample %d is %d", f, size, i, v)
				}
			}
		}
	}
}

func BenchmarkResize4Mpx(b *testing.B) {
	src := noise(rand.New(rand.NewPCG(1, 2)), 2448, 1632)
	for b.Loop() {
		pillow.Resize(src, 224, 224, pillow.Bicubic)
	}
}
