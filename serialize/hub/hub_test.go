package hub

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var zero time.Time

const weights = "model.safetensors"

func files() map[string]string {
	return map[string]string{
		"config.json": `{}`, "tokenizer.json": `{"a": 1}`, "vocab.txt": "a\nb\n", "README.md": "# not needed",
		weights: strings.Repeat("0123456789abcdef", 4096), "pytorch_model.bin": "the same again", "onnx/config.json": "{}",
	}
}

// client has an empty cache and does not sleep.
func client(t *testing.T, h *fakeHub) *Client {
	return &Client{
		Settings: Settings{Endpoint: h.URL, Cache: Cache(t.TempDir()), Token: "secret", Stall: time.Minute},
		wait:     func(context.Context, time.Duration) error { return nil },
	}
}

func requireFiles(t *testing.T, folder string, want map[string]string) {
	t.Helper()
	got := map[string]string{}
	require.NoError(t, filepath.WalkDir(folder, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, _ := filepath.Rel(folder, path)
		b, err := os.ReadFile(path)
		got[filepath.ToSlash(name)] = string(b)
		return err
	}))
	require.Equal(t, want, got)
}

func needed() map[string]string {
	f := files()
	delete(f, "README.md")
	delete(f, "pytorch_model.bin")
	delete(f, "onnx/config.json")
	return f
}

// What is pulled lies as huggingface_hub lays it: tools/hub makes the listing.
func TestPullLayout(t *testing.T) {
	h := newHub(t, files(), weights)
	c := client(t, h)
	folder, err := c.Pull(t.Context(), "org/model", "")
	require.NoError(t, err)
	requireFiles(t, folder, needed())

	var got []string
	root := string(c.Cache)
	require.NoError(t, filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		line, _ := filepath.Rel(root, path)
		if target, err := os.Readlink(path); err == nil {
			line += " -> " + target
		}
		got = append(got, line)
		return nil
	}))
	want, err := os.ReadFile("testdata/layout.txt")
	require.NoError(t, err)
	require.ElementsMatch(t, strings.Split(strings.TrimSpace(string(want)), "\n"), got)

	found, err := c.Cache.Find("org/model", "")
	require.NoError(t, err)
	require.Equal(t, folder, found)
	found, err = c.Cache.Find("org/model", commit)
	require.NoError(t, err)
	require.Equal(t, folder, found)

	for _, a := range h.cdnAuth {
		require.Empty(t, a, "the token went to another host")
	}
	require.Contains(t, h.auth, "Bearer secret")

	h.gets = map[string]int{}
	_, err = c.Pull(t.Context(), "org/model", "main")
	require.NoError(t, err)
	require.Empty(t, h.gets, "fetched again")
}

func TestPullSharded(t *testing.T) {
	f := files()
	delete(f, weights)
	delete(f, "pytorch_model.bin")
	f["model.safetensors.index.json"] = `{"weight_map": {"a": "model-1.safetensors", "b": "model-2.safetensors", "c": "model-1.safetensors"}}`
	f["model-1.safetensors"], f["model-2.safetensors"], f["model-3.safetensors"] = "one", "two", "of nothing"
	h := newHub(t, f, "model-1.safetensors", "model-2.safetensors")
	folder, err := client(t, h).Pull(t.Context(), "org/model", "")
	require.NoError(t, err)
	for _, unwanted := range []string{"README.md", "onnx/config.json", "model-3.safetensors"} {
		delete(f, unwanted)
	}
	requireFiles(t, folder, f)
}

// Whatever happens on the way, what arrives is right.
func TestPullRecovers(t *testing.T) {
	cut := func(w http.ResponseWriter) { // after the first bytes of an answer
		w.Header().Set("Content-Length", "65536")
		_, _ = w.Write([]byte(files()[weights][:1000]))
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}
	first := func(f func(http.ResponseWriter, *http.Request), n int, at string) func(http.ResponseWriter, *http.Request, string) bool {
		return func(w http.ResponseWriter, r *http.Request, file string) bool {
			if file != at || n == 0 {
				return false
			}
			n--
			f(w, r)
			return true
		}
	}
	status := func(code int) func(http.ResponseWriter, *http.Request) {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "7")
			http.Error(w, "", code)
		}
	}
	for name, test := range map[string]struct {
		instead func(http.ResponseWriter, *http.Request, string) bool
		there   string // of an earlier attempt
		ranges  []string
	}{
		"cut":             {instead: first(func(w http.ResponseWriter, _ *http.Request) { cut(w) }, 1, "cdn:"+weights), ranges: []string{weights + " bytes=1000-"}},
		"busy":            {instead: first(status(429), 3, "cdn:"+weights)},
		"down":            {instead: first(status(503), 4, "")},
		"head down":       {instead: first(status(500), 4, "config.json")},
		"resumed":         {there: files()[weights][:60000], ranges: []string{weights + " bytes=60000-"}},
		"resumed, rotten": {there: "rotten", ranges: []string{weights + " bytes=6-"}},
		"resumed, longer": {there: strings.Repeat("x", 100000)},
		"complete":        {there: files()[weights]},
		"complete, wrong": {there: strings.Repeat("x", 65536)},
		"no ranges": {there: files()[weights][:60000], ranges: []string{weights + " bytes=60000-"}, instead: func(w http.ResponseWriter, r *http.Request, file string) bool {
			if file == "cdn:"+weights {
				_, _ = w.Write([]byte(files()[weights]))
			}
			return file == "cdn:"+weights
		}},
		"stall": {instead: first(func(w http.ResponseWriter, r *http.Request) {
			_, _ = w.Write([]byte(files()[weights][:1000]))
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}, 1, "cdn:"+weights), ranges: []string{weights + " bytes=1000-"}},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHub(t, files(), weights)
			h.instead = test.instead
			c := client(t, h)
			if name == "stall" {
				c.Stall = 200 * time.Millisecond
			}
			if test.there != "" {
				blobs := c.Cache.path("org/model", "blobs")
				require.NoError(t, os.MkdirAll(blobs, 0o777))
				m, err := c.head(t.Context(), "org/model", commit, weights)
				require.NoError(t, err)
				require.NoError(t, os.WriteFile(filepath.Join(blobs, m.etag+".incomplete"), []byte(test.there), 0o666))
			}
			folder, err := c.Pull(t.Context(), "org/model", "")
			require.NoError(t, err)
			requireFiles(t, folder, needed())
			require.Equal(t, test.ranges, h.ranges)
		})
	}
}

// What cannot be had right is refused, and says why.
func TestPullRefuses(t *testing.T) {
	answer := func(at string, f func(http.ResponseWriter, *http.Request)) func(*fakeHub) {
		return func(h *fakeHub) {
			h.instead = func(w http.ResponseWriter, r *http.Request, file string) bool {
				if file != at {
					return false
				}
				f(w, r)
				return true
			}
		}
	}
	body := func(s string) func(http.ResponseWriter, *http.Request) {
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(s)) }
	}
	cdn := "cdn:" + weights
	for name, test := range map[string]struct {
		instead func(*fakeHub)
		want    string
	}{
		"hash":      {answer(cdn, body(strings.Repeat("x", 65536))), "its hash is"},
		"longer":    {answer(cdn, body(strings.Repeat("x", 65537))), "more than the 65536 bytes"},
		"shorter":   {answer(cdn, body("short")), "gave up after 5 attempts"},
		"forbidden": {answer(cdn, func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "", 403) }), "403 Forbidden"},
		"no size": {answer(weights, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Del("X-Linked-Size")
			w.WriteHeader(http.StatusFound)
		}), "does not say the file's size"},
		"no hash": {answer("config.json", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("ETag", `"../../evil"`)
			w.Header().Set("Content-Length", "2")
		}), `etag "../../evil" is no hash`},
		"gated": {answer(weights, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Error-Code", "GatedRepo")
			w.WriteHeader(403)
		}), "terms must be accepted"},
		"downgrade": {answer(weights, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "ftp://elsewhere/"+weights, http.StatusFound)
		}), "refused a redirection to ftp://elsewhere"},
		"html":      {answer("", body("<html>log in</html>")), "not the JSON of a hub"},
		"sha":       {answer("", body(`{"sha": "../..", "siblings": []}`)), `sha "../.."`},
		"down":      {answer("", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "", 502) }), "gave up after 5 attempts"},
		"other":     {func(h *fakeHub) { delete(h.files, weights); delete(h.files, "pytorch_model.bin") }, "no weights: want one of model.safetensors"},
		"no config": {func(h *fakeHub) { delete(h.files, "config.json") }, "no config.json"},
		"escape": {func(h *fakeHub) {
			delete(h.files, weights)
			delete(h.files, "pytorch_model.bin")
			h.files["model.safetensors.index.json"] = `{"weight_map": {"a": "../../evil"}}`
			h.files["../../evil"] = "evil"
		}, `shard "../../evil": want a file in the checkpoint's folder`},
		"lost shard": {func(h *fakeHub) {
			delete(h.files, weights)
			delete(h.files, "pytorch_model.bin")
			h.files["model.safetensors.index.json"] = `{"weight_map": {"a": "there.safetensors"}}`
		}, `"there.safetensors", which the repository lacks`},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHub(t, files(), weights)
			test.instead(h)
			c := client(t, h)
			_, err := c.Pull(t.Context(), "org/model", "")
			require.ErrorContains(t, err, test.want)
			require.NotContains(t, err.Error(), "secret")
			var missing *NotCachedError
			_, err = c.Cache.Find("org/model", "")
			require.ErrorAs(t, err, &missing, "a failed pull must not be found")
		})
	}
}

func TestPullNames(t *testing.T) {
	h := newHub(t, files(), weights)
	c := client(t, h)
	_, err := c.Pull(t.Context(), "org/model", "v9")
	require.ErrorContains(t, err, `no revision "v9"`)
	_, err = c.Pull(t.Context(), "org/model", "../../x")
	require.ErrorContains(t, err, "is not a revision")
	_, err = c.Pull(t.Context(), "org/other", "")
	require.ErrorContains(t, err, "no such repository")
	for _, name := range []string{"", "/", "a/b/c", "../x", "a/..", "org/model.git", "a--b/c", "a b", "org/", "/org", "C:\\x", "./model", "org/./x", "-x/y"} {
		_, err := ParseRepo(name)
		require.Error(t, err, name)
	}
	for _, name := range []string{"gpt2", "org/model", "a.b/c_d-e.f"} {
		_, err := ParseRepo(name)
		require.NoError(t, err, name)
	}
}

// A file whose listed name leaves the folder is not asked for.
func TestPullTraversal(t *testing.T) {
	f := files()
	f["../../evil.json"], f[`..\evil.json`], f["/evil.json"] = "evil", "evil", "evil"
	h := newHub(t, f, weights)
	folder, err := client(t, h).Pull(t.Context(), "org/model", "")
	require.NoError(t, err)
	requireFiles(t, folder, needed())
}

// Two programs that pull at once fetch each file once.
func TestPullTwice(t *testing.T) {
	h := newHub(t, files(), weights)
	c := client(t, h)
	var wg sync.WaitGroup
	errs := make([]error, 4)
	for i := range errs {
		wg.Go(func() {
			mine := &Client{Settings: c.Settings, wait: c.wait}
			_, errs[i] = mine.Pull(t.Context(), "org/model", "")
		})
	}
	wg.Wait()
	require.NoError(t, errors.Join(errs...))
	for file, n := range h.gets {
		require.Equal(t, 1, n, file)
	}
}

// An interrupt leaves what the next pull goes on from.
func TestPullInterrupted(t *testing.T) {
	h := newHub(t, files(), weights)
	ctx, cancel := context.WithCancel(t.Context())
	h.instead = func(w http.ResponseWriter, r *http.Request, file string) bool {
		if file != "cdn:"+weights {
			return false
		}
		_, _ = w.Write([]byte(files()[weights][:5000]))
		w.(http.Flusher).Flush()
		time.Sleep(100 * time.Millisecond) // until it is written
		cancel()
		<-r.Context().Done()
		return true
	}
	c := client(t, h)
	_, err := c.Pull(ctx, "org/model", "")
	require.ErrorIs(t, err, context.Canceled)
	h.mu.Lock()
	h.instead = nil
	h.mu.Unlock()
	folder, err := c.Pull(t.Context(), "org/model", "")
	require.NoError(t, err)
	requireFiles(t, folder, needed())
	require.Equal(t, []string{weights + " bytes=5000-"}, h.ranges)
}

func TestSettings(t *testing.T) {
	home := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(home, "token"), []byte("from file\n"), 0o600))
	get := func(vars map[string]string) Settings {
		return FromEnvironment(func(k string) string { return vars[k] })
	}
	s := get(map[string]string{"HF_HOME": home, "HF_ENDPOINT": "http://mirror/"})
	require.Equal(t, Settings{Endpoint: "http://mirror", Cache: Cache(filepath.Join(home, "hub")), Token: "from file", Stall: 10 * time.Second}, s)
	s = get(map[string]string{"HF_HOME": home, "HF_HUB_CACHE": "/c", "HF_TOKEN": " t ", "HF_HUB_OFFLINE": "yes", "HF_HUB_DOWNLOAD_TIMEOUT": "30"})
	require.Equal(t, Settings{Endpoint: "https://huggingface.co", Cache: "/c", Token: "t", Offline: true, Stall: 30 * time.Second}, s)
	require.Equal(t, Cache(filepath.Join("/x", "huggingface", "hub")), get(map[string]string{"XDG_CACHE_HOME": "/x"}).Cache)

	_, err := (&Client{Settings: s}).Pull(t.Context(), "org/model", "")
	require.ErrorIs(t, err, ErrOffline)
	require.Empty(t, fmt.Sprint(get(map[string]string{"HF_HOME": home, "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1"}).Token))
}
