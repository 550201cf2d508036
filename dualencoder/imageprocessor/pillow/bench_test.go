package pillow_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/vkdual/vkdual/dualencoder/imageprocessor/pillow"
)

func BenchmarkDecodeJPEG(b *testing.B) {
	data, err := os.ReadFile(filepath.Join(images, "files", "large.jpg"))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		m, err := pillow.Decode(data, pillow.DecodeOptions{})
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(int64(len(m.Pix)))
	}
}
