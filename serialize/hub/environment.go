package hub

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Settings are what the environment says, by huggingface_hub's names and defaults.
type Settings struct {
	Endpoint string        // HF_ENDPOINT; https://huggingface.co
	Cache    Cache         // HF_HUB_CACHE, HUGGINGFACE_HUB_CACHE; HF_HOME/hub
	Token    string        // HF_TOKEN, HUGGING_FACE_HUB_TOKEN, or the file HF_TOKEN_PATH, HF_HOME/token; may be empty
	Offline  bool          // HF_HUB_OFFLINE, TRANSFORMERS_OFFLINE
	Stall    time.Duration // HF_HUB_DOWNLOAD_TIMEOUT, in seconds: how long a server may send nothing; 10 s
}

// FromEnvironment reads the settings with getenv (os.Getenv).
func FromEnvironment(getenv func(string) string) Settings {
	first := func(names ...string) string {
		for _, name := range names {
			if v := getenv(name); v != "" {
				return v
			}
		}
		return ""
	}
	path := func(p string) string { return expand(p, getenv) }
	home := path(first("HF_HOME"))
	if home == "" {
		caches := path(first("XDG_CACHE_HOME"))
		if caches == "" {
			caches = path("~/.cache")
		}
		home = filepath.Join(caches, "huggingface")
	}
	s := Settings{Endpoint: strings.TrimRight(first("HF_ENDPOINT"), "/"), Stall: 10 * time.Second}
	if s.Endpoint == "" {
		s.Endpoint = "https://huggingface.co"
	}
	s.Cache = Cache(path(first("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE")))
	if s.Cache == "" {
		s.Cache = Cache(filepath.Join(home, "hub"))
	}
	s.Offline = yes(first("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"))
	if seconds, err := strconv.ParseFloat(getenv("HF_HUB_DOWNLOAD_TIMEOUT"), 64); err == nil && seconds > 0 && seconds < 1e6 {
		s.Stall = time.Duration(seconds * float64(time.Second))
	}
	if yes(getenv("HF_HUB_DISABLE_IMPLICIT_TOKEN")) {
		return s
	}
	s.Token = strings.TrimSpace(first("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"))
	if s.Token == "" {
		file := path(first("HF_TOKEN_PATH"))
		if file == "" {
			file = filepath.Join(home, "token")
		}
		if b, err := os.ReadFile(file); err == nil { // without one, public repositories are all there is
			s.Token = strings.TrimSpace(string(b))
		}
	}
	return s
}

func yes(v string) bool {
	switch strings.ToUpper(v) {
	case "1", "ON", "YES", "TRUE":
		return true
	}
	return false
}

// expand resolves variables and a leading ~.
func expand(p string, getenv func(string) string) string {
	p = os.Expand(p, getenv)
	if rest, ok := strings.CutPrefix(p, "~"); ok && (rest == "" || os.IsPathSeparator(rest[0])) {
		if home, err := os.UserHomeDir(); err == nil {
			return filepath.Join(home, rest)
		}
	}
	return p
}
