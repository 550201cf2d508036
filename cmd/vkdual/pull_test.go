package main

import (
	"bytes"
	"crypto/sha1"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A model is pulled once and then known by its name, without a network.
func TestPullThenUse(t *testing.T) {
	const commit = "0123456789abcdef0123456789abcdef01234567"
	folder := "../../dualencoder/defaultmodel/files"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/api/models/org/model/revision/") {
			var siblings []map[string]string
			entries, err := os.ReadDir(folder)
			if err != nil {
				t.Error(err)
			}
			for _, e := range entries {
				siblings = append(siblings, map[string]string{"rfilename": e.Name()})
			}
			_ = json.NewEncoder(w).Encode(map[string]any{"sha": commit, "siblings": siblings})
			return
		}
		name, ok := strings.CutPrefix(r.URL.Path, "/org/model/resolve/"+commit+"/")
		b, err := os.ReadFile(filepath.Join(folder, name))
		if !ok || err != nil {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.Header().Set("ETag", fmt.Sprintf(`"%x"`, sha1.Sum(append(fmt.Appendf(nil, "blob %d\x00", len(b)), b...))))
		w.Header().Set("Content-Length", fmt.Sprint(len(b)))
		_, _ = w.Write(b)
	}))
	defer server.Close()
	t.Setenv("HF_ENDPOINT", server.URL)
	t.Setenv("HF_HOME", t.TempDir())
	t.Setenv("HF_TOKEN", "")

	r := vkdual(t, "tokenize", "--model", "org/model", "--text", "a rocket")
	require.Equal(t, 1, r.status)
	require.Contains(t, r.stderr, `"vkdual pull org/model" would fetch it`)

	r = vkdual(t, "pull", "org/model")
	require.Zero(t, r.status, r.stderr)
	require.FileExists(t, filepath.Join(strings.TrimSpace(r.out), "model.safetensors"))

	server.Close()
	want := vkdual(t, "tokenize", "--model", folder, "--text", "a rocket")
	require.Zero(t, want.status, want.stderr)
	for _, args := range [][]string{{"--model", "org/model"}, {"--model", "org/model", "--revision", commit}} {
		r = vkdual(t, append([]string{"tokenize", "--text", "a rocket"}, args...)...)
		require.Zero(t, r.status, r.stderr)
		require.Equal(t, want.out, r.out)
	}
	r = vkdual(t, "tokenize", "--model", "org/model", "--revision", "v2", "--text", "a")
	require.Equal(t, 1, r.status)
	require.Contains(t, r.stderr, "vkdual pull org/model --revision v2")

	// As Python leaves it after an AutoTokenizer: no weights.
	found, err := filepath.Glob(filepath.Join(os.Getenv("HF_HOME"), "hub", "*", "snapshots", commit, "model.safetensors"))
	require.NoError(t, err)
	require.Len(t, found, 1)
	require.NoError(t, os.Remove(found[0]))
	require.Zero(t, vkdual(t, "tokenize", "--model", "org/model", "--text", "a rocket").status)
	r = vkdual(t, "convert", "--model", "org/model", t.TempDir())
	require.Equal(t, 1, r.status)
	require.Contains(t, r.stderr, `org/model (of which not all is in the cache: "vkdual pull org/model" would fetch the rest): no weights`)

	r = vkdual(t, "pull", "org/model/x")
	require.Equal(t, 2, r.status)
	t.Setenv("HF_HUB_OFFLINE", "1")
	r = vkdual(t, "pull", "org/model")
	require.Equal(t, 1, r.status)
	require.Contains(t, r.stderr, "HF_HUB_OFFLINE is set")
}

// The bar of the small files, which come first, does not end that of the weights.
func TestProgressGoesOnWhenThereIsMore(t *testing.T) {
	var screen bytes.Buffer
	var bar *progress
	for _, at := range [][2]int64{{0, 10}, {10, 10}, {10, 1000}, {500, 1000}} {
		bar = bar.bytes(&screen, "pulling", at[0], at[1])
		time.Sleep(150 * time.Millisecond) // it is drawn ten times a second
	}
	require.Contains(t, screen.String(), " 50%")
}
