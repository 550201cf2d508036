package pillow_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"runtime/metrics"
	"strings"
	"testing"

	"github.com/vkdual/vkdual/dualencoder/imageprocessor/pillow"
)

// fuzz feeds a decoder with mutations of the golden files of one format. What
// comes back is a whole picture within the limit, or one of the two errors;
// a decoder that panics is a finding even though Decode survives it. What is
// read without AllowTruncated is the same with it. All that is allocated on the
// way stays in proportion to the limit, whatever a file declares.
func fuzz(f *testing.F, pattern string) {
	for _, folder := range []string{"files", "broken"} {
		paths, err := filepath.Glob(filepath.Join(images, folder, pattern))
		if err != nil {
			f.Fatal(err)
		}
		for _, path := range paths {
			data, err := os.ReadFile(path)
			if err != nil {
				f.Fatal(err)
			}
			if len(data) < 32<<10 { // small ones mutate best
				f.Add(data)
			}
		}
	}
	const limit = 1 << 18
	const perPixel = 256 // of which a decoder holds a part at a time
	f.Fuzz(func(t *testing.T, data []byte) {
		before := allocated()
		defer func() {
			if n := allocated() - before; n > perPixel*limit+64*uint64(len(data)) {
				t.Errorf("%d bytes allocated for %d", n, len(data))
			}
		}()
		options := pillow.DecodeOptions{MaxPixels: limit, ApplyEXIF: true}
		whole := decoded(t, data, options)
		options.AllowTruncated = true
		lenient := decoded(t, data, options)
		if whole != nil && (lenient == nil || !bytes.Equal(whole.Pix, lenient.Pix)) {
			t.Error("a whole picture is another one where a truncated one would do")
		}
	})
}

// allocated is how many bytes have been, since the start.
func allocated() uint64 {
	s := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}

// decoded is the picture, which is held against the limit, or nil where it is refused.
func decoded(t *testing.T, data []byte, options pillow.DecodeOptions) *pillow.RGB {
	m, err := pillow.Decode(data, options)
	var decode *pillow.DecodeError
	var large *pillow.TooLargeError
	switch {
	case err == nil:
		if m.Width < 1 || m.Height < 1 || m.Width*m.Height > options.MaxPixels || len(m.Pix) != 3*m.Width*m.Height {
			t.Errorf("%d × %d with %d bytes", m.Width, m.Height, len(m.Pix))
		}
		return m
	case errors.As(err, &decode):
		if strings.Contains(decode.Reason, "gave up") {
			t.Error(err)
		}
	case !errors.As(err, &large):
		t.Errorf("%T: %v", err, err)
	}
	return nil
}

func FuzzPNG(f *testing.F)  { fuzz(f, "*.png") }
func FuzzJPEG(f *testing.F) { fuzz(f, "*.jpg") }
func FuzzWebP(f *testing.F) { fuzz(f, "*.webp") }
func FuzzGIF(f *testing.F)  { fuzz(f, "*.gif") }
func FuzzBMP(f *testing.F)  { fuzz(f, "*.bmp") }
func FuzzTIFF(f *testing.F) { fuzz(f, "*.tiff") }
