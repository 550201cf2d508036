package vkdual

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A package imports only what lies to its right (README, "Architecture").
func TestLayers(t *testing.T) {
	const module = "github.com/vkdual/vkdual/"
	layers := []struct {
		of  string
		may []string
	}{
		{"vk", nil},
		{"spirv", []string{"vk"}},
		{"runtime", []string{"spirv", "vk"}},
		{"ops", []string{"runtime", "spirv", "vk"}},
		{"serialize", nil},
		{"dualencoder", []string{"ops", "runtime", "serialize"}},
		{"cmd", []string{"dualencoder", "ops", "runtime", "serialize", "vk"}},
	}
	for _, l := range layers {
		out, err := exec.Command("go", "list", "-f", `{{.ImportPath}}{{range .Imports}} {{.}}{{end}}`, "./"+l.of+"/...").CombinedOutput()
		require.NoError(t, err, string(out))
		for _, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
			from, imports, _ := strings.Cut(line, " ")
			for _, i := range strings.Fields(imports) {
				rest, ours := strings.CutPrefix(i, module)
				to, _, _ := strings.Cut(rest, "/")
				if ours && to != l.of && to != "internal" && !slices.Contains(l.may, to) {
					t.Errorf("%s imports %s, which does not lie to its right", from, i)
				}
			}
		}
	}
}
