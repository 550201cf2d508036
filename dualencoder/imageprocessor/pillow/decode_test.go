package pillow_test

import (
	"path/filepath"
	"sort"
	"testing"

	"github.com/vkdual/vkdual/dualencoder/imageprocessor/internal/golden"
	"github.com/vkdual/vkdual/dualencoder/imageprocessor/pillow"
)

const images = "../../../testdata/images"

// difference returns the largest and the mean difference in levels.
func difference(a, b []byte) (most int, mean float64) {
	sum := 0
	for i, v := range a {
		d := max(int(v)-int(b[i]), int(b[i])-int(v))
		most, sum = max(most, d), sum+d
	}
	return most, float64(sum) / float64(len(a))
}

func TestDecodeAsPillow(t *testing.T) {
	want := golden.Read(t, filepath.Join(images, "decode.safetensors.gz"))
	names := make([]string, 0, len(want))
	for name := range want {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			w := want[name]
			m, err := pillow.DecodeFile(filepath.Join(images, "files", name), pillow.DecodeOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if m.Height != w.Shape[0] || m.Width != w.Shape[1] {
				t.Fatalf("%d×%d, want %d×%d", m.Width, m.Height, w.Shape[1], w.Shape[0])
			}
			if most, mean := difference(m.Pix, w.Bytes); most != 0 {
				t.Errorf("off by up to %d levels, %.4f on average", most, mean)
			}
		})
	}
}
