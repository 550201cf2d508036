package pillow_test

import (
	"encoding/json"
	"fmt"
	"hash/crc32"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vkdual/vkdual/dualencoder/imageprocessor/pillow"
)

// TestTruncatedAsPillow: every file, cut at several places, is refused or read
// as Pillow refuses or reads it, by default and with LOAD_TRUNCATED_IMAGES.
func TestTruncatedAsPillow(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(images, "truncated.json"))
	if err != nil {
		t.Fatal(err)
	}
	var want map[string][2]*uint32
	if err := json.Unmarshal(data, &want); err != nil || len(want) < 500 {
		t.Fatalf("%d cases, %v", len(want), err)
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		var file string
		var size int
		if _, err := fmt.Sscanf(name, "%d@%s", &size, &file); err != nil {
			t.Fatal(err)
		}
		whole, err := os.ReadFile(filepath.Join(images, "files", file))
		if err != nil {
			t.Fatal(err)
		}
		for i, allow := range []bool{false, true} {
			m, err := pillow.Decode(slices.Clone(whole[:size]), pillow.DecodeOptions{AllowTruncated: allow})
			switch w := want[name][i]; {
			case allow && strings.HasPrefix(file, "arithmetic"):
				// Refused here; Pillow shows what rows it had when it gave up.
			case allow && file == "pieces.png" && w == nil:
				// Cut within a chunk's name, which Pillow trips over.
			case w == nil && err == nil:
				t.Errorf("%s, allowed %v: read, want it refused", name, allow)
			case w != nil && err != nil:
				t.Errorf("%s, allowed %v: %v", name, allow, err)
			case w != nil && crc32.ChecksumIEEE(m.Pix) != *w:
				t.Errorf("%s, allowed %v: other samples than Pillow's", name, allow)
			}
		}
	}
}
