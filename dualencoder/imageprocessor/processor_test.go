package imageprocessor_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vkdual/vkdual/dualencoder/imageprocessor"
	"github.com/vkdual/vkdual/dualencoder/imageprocessor/internal/golden"
	"github.com/vkdual/vkdual/dualencoder/imageprocessor/pillow"
)

const images = "../../testdata/images"

// TestPixelsAsReference compares every processor with the reference, bit for
// bit, from the reference's own decoded pictures.
func TestPixelsAsReference(t *testing.T) {
	pictures := golden.Read(t, filepath.Join(images, "decode.safetensors.gz"))
	want := golden.Read(t, filepath.Join(images, "pixels.safetensors.gz"))
	for _, name := range golden.Names(want) {
		t.Run(name, func(t *testing.T) {
			processor, file, _ := strings.Cut(name, "/")
			p, err := imageprocessor.Open(filepath.Join(images, "processors", processor))
			if err != nil {
				t.Fatal(err)
			}
			d, w := pictures[file], want[name]
			got, err := p.Pixels(&pillow.RGB{Width: d.Shape[1], Height: d.Shape[0], Pix: d.Bytes})
			if len(w.F32) == 0 { // the reference fails: the picture scales to nothing
				var shape *imageprocessor.ShapeError
				if !errors.As(err, &shape) {
					t.Fatalf("want a ShapeError, got %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got.C != w.Shape[0] || got.H != w.Shape[1] || got.W != w.Shape[2] {
				t.Fatalf("shape [%d %d %d], want %v", got.C, got.H, got.W, w.Shape)
			}
			if _, h, wd := p.Size(); h != 0 && (h != got.H || wd != got.W) {
				t.Errorf("Size says %d × %d", h, wd)
			}
			wrong := 0
			for i, v := range got.Data {
				if v != w.F32[i] {
					wrong++
				}
			}
			if wrong != 0 {
				t.Errorf("%d of %d values differ", wrong, len(got.Data))
			}
		})
	}
}
