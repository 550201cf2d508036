package main

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/vkdual/vkdual/dualencoder/imageprocessor/pillow"
)

// pictureServer serves a picture and everything that may go wrong.
func pictureServer(t *testing.T) string {
	t.Helper()
	picture, err := os.ReadFile(rocket)
	require.NoError(t, err)
	mux := http.NewServeMux()
	give := func(path string, f http.HandlerFunc) { mux.HandleFunc(path, f) }
	give("/rocket.png", func(w http.ResponseWriter, _ *http.Request) { w.Write(picture) })
	give("/moved", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/rocket.png", http.StatusFound) })
	give("/loop", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/loop", http.StatusFound) })
	give("/file", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
	})
	give("/text", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("this is a text")) })
	give("/long", func(w http.ResponseWriter, _ *http.Request) { // does not say how long
		_ = http.NewResponseController(w).Flush()
		for range 1 << 12 {
			if _, err := w.Write(picture); err != nil {
				return
			}
		}
	})
	give("/short", func(w http.ResponseWriter, _ *http.Request) { // says more than it gives
		w.Header().Set("Content-Length", strconv.Itoa(len(picture)+100))
		w.Write(picture)
		panic(http.ErrAbortHandler)
	})
	give("/huge", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Length", "1000000000000") })
	give("/stall", func(w http.ResponseWriter, r *http.Request) { // begins, and waits
		w.Write(picture[:100])
		http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s.URL
}

func TestFetchIsBounded(t *testing.T) {
	at := pictureServer(t)
	f := newFetcher(400*time.Millisecond, 1<<20)
	for _, path := range []string{"/rocket.png", "/moved"} {
		m, err := f.open(t.Context(), at+path, pillow.DecodeOptions{})
		require.NoError(t, err, path)
		w, h := m.Size()
		require.NotZero(t, w*h)
	}
	for path, want := range map[string]string{
		"/loop":  "redirected more than 5 times",
		"/file":  "redirected to file:///etc/passwd: neither http nor https",
		"/text":  `not a picture in a known format`,
		"/none":  "the server says 404 Not Found",
		"/long":  "more than 1048576 bytes",
		"/huge":  "more than 1048576 bytes",
		"/short": "the connection ended after ",
		"/stall": "not there after 400ms",
	} {
		_, err := f.open(t.Context(), at+path, pillow.DecodeOptions{AllowTruncated: true})
		require.ErrorContains(t, err, want, path)
		require.NotContains(t, err.Error(), at, path)
	}
	_, err := f.open(t.Context(), "http://127.0.0.1:1/", pillow.DecodeOptions{})
	require.ErrorContains(t, err, "connection refused")
	_, err = f.open(t.Context(), "http://[/", pillow.DecodeOptions{})
	require.Error(t, err)
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = f.open(stopped, at+"/stall", pillow.DecodeOptions{})
	require.True(t, errors.Is(err, context.Canceled), err)
}

func TestURLsOnlyFromStandardInputAndOnlyWhenAllowed(t *testing.T) {
	at := pictureServer(t)
	list := rocket + "\n" + at + "/rocket.png\n" + at + "/none\nfile:///etc/passwd\n"

	r := vkdualFrom(t, list, onDevice(t, "embed", "--images-from", "-", "--allow-urls")...)
	require.Equal(t, 1, r.status, r.stderr)
	got := jsonLines(t, r.out)
	require.Len(t, got, 2)
	require.Equal(t, []string{rocket, at + "/rocket.png"}, []string{got[0].Source, got[1].Source})
	require.Equal(t, got[0].Embedding, got[1].Embedding)
	require.Contains(t, r.stderr, at+"/none: the server says 404 Not Found")
	require.Contains(t, r.stderr, "file:///etc/passwd: no such file or directory; of addresses only those of http and https are fetched")

	// Not without the flag, not as an argument, and not from a file.
	r = vkdualFrom(t, list, onDevice(t, "embed", "--images-from", "-", "--image", at+"/moved")...)
	require.Equal(t, 1, r.status)
	require.Len(t, jsonLines(t, r.out), 1)
	require.Contains(t, r.stderr, at+"/rocket.png: an address on the web: give --allow-urls to fetch it")
	require.Contains(t, r.stderr, at+"/moved: an address on the web: only one listed on standard input is fetched")
	r = vkdual(t, "embed", "--images-from", write(t, "list", list), "--allow-urls")
	require.Equal(t, 2, r.status)
	require.Contains(t, r.stderr, "--allow-urls is for addresses on standard input: give --images-from -")
}
