package imageprocessor_test

import (
	"cmp"
	"os"
	"path/filepath"
	"testing"

	"github.com/vkdual/vkdual/dualencoder/imageprocessor"
	"github.com/vkdual/vkdual/dualencoder/imageprocessor/pillow"
)

// BenchmarkProcessFile takes a picture from its file to its pixel values.
// tools/bench/pictures_bench.py names the picture and compares.
func BenchmarkProcessFile(b *testing.B) {
	path := cmp.Or(os.Getenv("PICTURES_BENCH_FILE"), filepath.Join(images, "files", "large.jpg"))
	p, err := imageprocessor.Open(filepath.Join(images, "processors", cmp.Or(os.Getenv("PICTURES_BENCH_PROCESSOR"), "bicubic")))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := p.ProcessFile(path, pillow.DecodeOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}
