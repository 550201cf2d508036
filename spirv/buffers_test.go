package spirv

import (
	"strings"
	"testing"

	"github.com/vkdual/vkdual/vk"
)

// Vulkan demands four storage buffers a stage of every device. Only kernels of
// linear layers may bind more, since some of theirs do with less.
func TestFourStorageBuffers(t *testing.T) {
	for _, m := range Modules() {
		n := 0
		for _, b := range m.Bindings {
			if b.Type == vk.StorageBuffer {
				n++
			}
		}
		if n > 4 && !strings.HasPrefix(m.Name, "linear") || n > 4 && strings.HasPrefix(m.Name, "linear_four") {
			t.Errorf("%s binds %d storage buffers", m.Name, n)
		}
	}
}
