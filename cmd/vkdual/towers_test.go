package main

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// The page is what the registry says now.
func TestTheCompatibilityPage(t *testing.T) {
	page, err := os.ReadFile("../../docs/compatibility.md")
	require.NoError(t, err)
	r := vkdual(t, "towers")
	require.Zero(t, r.status)
	require.Equal(t, string(page), r.out, "run: vkdual towers > docs/compatibility.md")
	for _, part := range []string{"| swin ", "| vit_mae ", "not a pooled vector", "token_type_ids"} {
		require.Contains(t, r.out, part)
	}
}
