package pillow_test

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/vkdual/vkdual/dualencoder/imageprocessor/internal/golden"
	"github.com/vkdual/vkdual/dualencoder/imageprocessor/pillow"
)

// TestTheTableOfFormats walks the table in docs/pictures.md: each file does
// what its line says, each line has files, and each file has a line.
func TestTheTableOfFormats(t *testing.T) {
	page, err := os.ReadFile("../../../docs/pictures.md")
	if err != nil {
		t.Fatal(err)
	}
	want := golden.Read(t, filepath.Join(images, "decode.safetensors.gz"))
	seen := map[string]bool{}
	lines := 0
	for _, line := range strings.Split(string(page), "\n") {
		cells := strings.Split(line, "|")
		if len(cells) != 6 || !strings.Contains(cells[4], "`") {
			continue
		}
		lines++
		for _, pattern := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(cells[4], -1) {
			paths, err := filepath.Glob(filepath.Join(images, pattern[1]))
			if err != nil || len(paths) == 0 {
				t.Errorf("%s: no file, %v", pattern[1], err)
			}
			for _, path := range paths {
				seen[path] = true
				walk(t, strings.TrimSpace(cells[3]), path, want)
			}
		}
	}
	if lines < 10 {
		t.Errorf("%d lines", lines)
	}
	for _, folder := range []string{"files", "refused", "broken"} {
		paths, err := filepath.Glob(filepath.Join(images, folder, "*"))
		if err != nil || len(paths) == 0 {
			t.Fatal(folder, err)
		}
		for _, path := range paths {
			if !seen[path] {
				t.Errorf("%s is in no line", path)
			}
		}
	}
}

// walk holds one file against its line.
func walk(t *testing.T, how, path string, want map[string]golden.Tensor) {
	m, err := pillow.DecodeFile(path, pillow.DecodeOptions{})
	switch how {
	case "exactly":
		w, ok := want[filepath.Base(path)]
		if err != nil || !ok {
			t.Errorf("%s: %v; a reference: %v", path, err, ok)
			return
		}
		same(t, m, w)
	case "refused":
		var decode *pillow.DecodeError
		var large *pillow.TooLargeError
		if !errors.As(err, &decode) && !errors.As(err, &large) {
			t.Errorf("%s: %v, want it refused", path, err)
		}
	default:
		t.Errorf("%s is read %q", path, how)
	}
}
