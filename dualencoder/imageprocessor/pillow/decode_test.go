package pillow_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vkdual/vkdual/dualencoder/imageprocessor/internal/golden"
	"github.com/vkdual/vkdual/dualencoder/imageprocessor/pillow"
)

const images = "../../../testdata/images"

// same compares a picture with the reference, byte for byte.
func same(t *testing.T, m *pillow.RGB, want golden.Tensor) {
	t.Helper()
	if m.Height != want.Shape[0] || m.Width != want.Shape[1] {
		t.Fatalf("%d × %d, want %d × %d", m.Width, m.Height, want.Shape[1], want.Shape[0])
	}
	most, wrong := 0, 0
	for i, v := range want.Bytes {
		if d := max(int(v)-int(m.Pix[i]), int(m.Pix[i])-int(v)); d > 0 {
			most, wrong = max(most, d), wrong+1
		}
	}
	if wrong > 0 {
		t.Errorf("%d of %d samples differ, by up to %d levels", wrong, len(want.Bytes), most)
	}
}

func TestApplyEXIF(t *testing.T) {
	want := golden.Read(t, filepath.Join(images, "upright.safetensors.gz"))
	for _, name := range golden.Names(want) {
		m, err := pillow.DecodeFile(filepath.Join(images, "files", name), pillow.DecodeOptions{ApplyEXIF: true})
		if err != nil {
			t.Fatal(err)
		}
		same(t, m, want[name])
	}
}

// TestContentDecides: a name says nothing about the format.
func TestContentDecides(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(images, "files", "ycc420.jpg"))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "picture.png")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	m, err := pillow.DecodeFile(path, pillow.DecodeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	same(t, m, golden.Read(t, filepath.Join(images, "decode.safetensors.gz"))["ycc420.jpg"])
}

// TestBroken: every broken file gives one of the two errors, with its path.
func TestBroken(t *testing.T) {
	want := map[string]string{
		"empty.png":           "0 bytes",
		"text.png":            `not a picture in a known format (JPEG, PNG, WebP, GIF, BMP, TIFF): it starts with "This is not "`,
		"cut-rgb.png":         "PNG: truncated",
		"cut-odd420.jpg":      "JPEG: truncated",
		"cut-progressive.jpg": "JPEG: truncated",
		"cut-lossy.webp":      "WebP: truncated",
		"cut-flat.gif":        "GIF: ",
		"cut-rgb.bmp":         "BMP: truncated",
		"cut-rgb.tiff":        "TIFF: truncated",
		"crc.png":             "PNG: broken",
		"stream.png":          "PNG: broken: png: invalid format: zlib: invalid checksum",
		"zero.png":            "PNG: broken",
		"bomb.png":            "PNG: 200000 × 200000 are 40000000000 pixels, more than the limit of 178956970",
	}
	files, err := os.ReadDir(filepath.Join(images, "broken"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != len(want) {
		t.Errorf("%d files, %d expectations", len(files), len(want))
	}
	for _, f := range files {
		path := filepath.Join(images, "broken", f.Name())
		_, err := pillow.DecodeFile(path, pillow.DecodeOptions{})
		var decode *pillow.DecodeError
		var large *pillow.TooLargeError
		switch {
		case errors.As(err, &decode) && decode.Path == path:
		case errors.As(err, &large) && large.Path == path:
		default:
			t.Errorf("%s: %T without its path: %v", f.Name(), err, err)
			continue
		}
		if !strings.Contains(err.Error(), want[f.Name()]) {
			t.Errorf("%s: %v\nwant … %s", f.Name(), err, want[f.Name()])
		}
	}
	if _, err := pillow.DecodeFile(filepath.Join(images, "no such file"), pillow.DecodeOptions{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
	if _, err := pillow.DecodeFile(images, pillow.DecodeOptions{}); err == nil {
		t.Error("a folder decoded")
	}
}

// TestMaxPixels: the limit is exact, in every format.
func TestMaxPixels(t *testing.T) {
	for _, name := range []string{"rgb.png", "ycc420.jpg", "lossy.webp", "flat.gif", "rgb.bmp", "rgb.tiff"} {
		path := filepath.Join(images, "files", name)
		m, err := pillow.DecodeFile(path, pillow.DecodeOptions{})
		if err != nil {
			t.Fatal(err)
		}
		n := m.Width * m.Height
		if _, err := pillow.DecodeFile(path, pillow.DecodeOptions{MaxPixels: n}); err != nil {
			t.Errorf("%s: at its own size: %v", name, err)
		}
		_, err = pillow.DecodeFile(path, pillow.DecodeOptions{MaxPixels: n - 1})
		var large *pillow.TooLargeError
		if !errors.As(err, &large) || large.Width != m.Width || large.Height != m.Height || large.MaxPixels != n-1 {
			t.Errorf("%s: one pixel less: %v", name, err)
		}
	}
}

// TestTruncated: a file cut anywhere gives a picture of its declared size or
// an error, never a panic.
func TestTruncated(t *testing.T) {
	for _, name := range []string{"tiny.png", "small420.jpg", "progressive420.jpg", "lossy-small.webp", "frames.webp", "flat.gif", "bits.bmp", "packbits.tiff", "fax.tiff"} {
		data, err := os.ReadFile(filepath.Join(images, "files", name))
		if err != nil {
			t.Fatal(err)
		}
		whole, err := pillow.Decode(data, pillow.DecodeOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for n := 0; n < len(data); n += 1 + len(data)/500 {
			m, err := pillow.Decode(bytes.Clone(data[:n]), pillow.DecodeOptions{ApplyEXIF: true})
			if err == nil && (m.Width != whole.Width || m.Height != whole.Height) {
				t.Errorf("%s: its first %d bytes are %d × %d", name, n, m.Width, m.Height)
			}
			if err != nil && strings.Contains(err.Error(), "gave up") {
				t.Errorf("%s: its first %d bytes: %v", name, n, err)
			}
		}
	}
}
