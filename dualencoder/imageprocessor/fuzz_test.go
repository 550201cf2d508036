package imageprocessor_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/vkdual/vkdual/dualencoder/imageprocessor"
	"github.com/vkdual/vkdual/dualencoder/imageprocessor/pillow"
)

// FuzzConfig: a configuration that opens processes any picture to the size that
// it says, or names the reason; any other is a *ConfigError.
func FuzzConfig(f *testing.F) {
	paths, err := filepath.Glob(filepath.Join(images, "processors", "*", "preprocessor_config.json"))
	if err != nil || len(paths) == 0 {
		f.Fatal(err, paths)
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data, uint16(19), uint16(7))
	}
	f.Fuzz(func(t *testing.T, data []byte, width, height uint16) {
		p, err := imageprocessor.Parse("fuzz", data)
		if err != nil {
			var config *imageprocessor.ConfigError
			if !errors.As(err, &config) {
				t.Fatalf("%T: %v", err, err)
			}
			return
		}
		w, h := 1+int(width)%300, 1+int(height)%300
		_, oh, ow, err := p.SizeOf(w, h)
		var shape *imageprocessor.ShapeError
		if err != nil {
			if !errors.As(err, &shape) {
				t.Fatalf("%T: %v", err, err)
			}
			return
		}
		if _, fh, fw := p.Size(); fh != 0 && (fh != oh || fw != ow) {
			t.Errorf("Size says %d × %d, this picture gives %d × %d", fw, fh, ow, oh)
		}
		if oh*ow > 1<<20 {
			return // right, but slow
		}
		if err := p.Process(pillow.NewRGB(w, h), make([]float32, 3*oh*ow)); err != nil {
			t.Error(err)
		}
	})
}
