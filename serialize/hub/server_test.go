package hub

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

const commit = "0123456789abcdef0123456789abcdef01234567"

// A fakeHub answers as the hub does: metadata from its own host, the bytes of
// large files from another one, a CDN, by redirection.
type fakeHub struct {
	*httptest.Server
	cdn   *httptest.Server
	files map[string]string // by name
	large map[string]bool   // at the CDN

	mu      sync.Mutex
	gets    map[string]int                                                        // of bytes, by file
	ranges  []string                                                              // that were asked for
	cdnAuth []string                                                              // what the CDN was told of a token
	auth    []string                                                              // what the hub was told
	instead func(w http.ResponseWriter, r *http.Request, file string) (done bool) // answers in the place of the server
}

func newHub(t *testing.T, files map[string]string, large ...string) *fakeHub {
	h := &fakeHub{files: files, large: map[string]bool{}, gets: map[string]int{}}
	for _, f := range large {
		h.large[f] = true
	}
	h.cdn = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.mu.Lock()
		h.cdnAuth = append(h.cdnAuth, r.Header.Get("Authorization"))
		h.mu.Unlock()
		h.bytes(w, r, strings.TrimPrefix(r.URL.Path, "/"))
	}))
	h.Server = httptest.NewServer(http.HandlerFunc(h.serve))
	t.Cleanup(h.cdn.Close)
	t.Cleanup(h.Close)
	return h
}

func (h *fakeHub) serve(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	h.auth = append(h.auth, r.Header.Get("Authorization"))
	h.mu.Unlock()
	if strings.HasPrefix(r.URL.Path, "/api/models/org/model/revision/") {
		if h.broken(w, r, "") {
			return
		}
		if name := strings.TrimPrefix(r.URL.Path, "/api/models/org/model/revision/"); name != "main" && name != commit {
			w.Header().Set("X-Error-Code", "RevisionNotFound")
			http.Error(w, "", http.StatusNotFound)
			return
		}
		var answer struct {
			SHA      string              `json:"sha"`
			Siblings []map[string]string `json:"siblings"`
		}
		answer.SHA = commit
		for name := range h.files {
			answer.Siblings = append(answer.Siblings, map[string]string{"rfilename": name})
		}
		_ = json.NewEncoder(w).Encode(answer)
		return
	}
	file, ok := strings.CutPrefix(r.URL.Path, "/org/model/resolve/"+commit+"/")
	content, have := h.files[file]
	if !ok || !have {
		w.Header().Set("X-Error-Code", "RepoNotFound")
		http.Error(w, "", http.StatusUnauthorized) // as the hub does, so that private names stay unknown
		return
	}
	w.Header().Set("X-Repo-Commit", commit)
	if h.large[file] {
		w.Header().Set("X-Linked-Etag", fmt.Sprintf(`"%x"`, sha256.Sum256([]byte(content))))
		w.Header().Set("X-Linked-Size", fmt.Sprint(len(content)))
		w.Header().Set("ETag", `"of the redirection"`)
	} else {
		w.Header().Set("ETag", fmt.Sprintf(`"%x"`, sha1.Sum([]byte(fmt.Sprintf("blob %d\x00%s", len(content), content)))))
	}
	if h.broken(w, r, file) {
		return
	}
	if h.large[file] {
		http.Redirect(w, r, h.cdn.URL+"/"+file, http.StatusFound)
		return
	}
	h.bytes(w, r, file)
}

func (h *fakeHub) broken(w http.ResponseWriter, r *http.Request, file string) bool {
	h.mu.Lock()
	f := h.instead
	h.mu.Unlock()
	return f != nil && f(w, r, file)
}

func (h *fakeHub) bytes(w http.ResponseWriter, r *http.Request, file string) {
	if r.Method == http.MethodGet {
		h.mu.Lock()
		h.gets[file]++
		if s := r.Header.Get("Range"); s != "" {
			h.ranges = append(h.ranges, file+" "+s)
		}
		h.mu.Unlock()
		if r.Host == strings.TrimPrefix(h.cdn.URL, "http://") && h.broken(w, r, "cdn:"+file) {
			return
		}
	}
	http.ServeContent(w, r, "", zero, strings.NewReader(h.files[file]))
}
