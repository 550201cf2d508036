package hub

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// A Cache is the path of huggingface_hub's cache of repositories.
type Cache string

// NotCachedError says that a cache lacks a repository, or that revision of it.
type NotCachedError struct {
	Repo     Repo
	Revision string
	Cache    Cache
}

func (e *NotCachedError) Error() string {
	return fmt.Sprintf("hub: %s at revision %s is not in %s", e.Repo, e.Revision, e.Cache)
}

// Find returns the folder that holds a repository's files at a revision ("" is
// main): the snapshot of a branch or tag as it was pulled last, or of a commit.
// Where there is none the error is a *NotCachedError.
func (c Cache) Find(repo Repo, revision string) (string, error) {
	if revision == "" {
		revision = "main"
	}
	if err := checkRevision(revision); err != nil {
		return "", err
	}
	commit := revision
	b, err := os.ReadFile(c.path(repo, "refs", revision))
	if err == nil {
		commit = strings.TrimSpace(string(b))
	}
	missing := &NotCachedError{Repo: repo, Revision: revision, Cache: c}
	if !commitHash.MatchString(commit) {
		return "", missing
	}
	folder := c.path(repo, "snapshots", commit)
	if _, err := os.Stat(filepath.Join(folder, "config.json")); errors.Is(err, fs.ErrNotExist) {
		return "", missing
	} else if err != nil {
		return "", fmt.Errorf("hub: %w", err)
	}
	return folder, nil
}

func (c Cache) path(repo Repo, parts ...string) string {
	return filepath.Join(append([]string{string(c), repo.folder()}, parts...)...)
}

// setRef notes that a branch or tag stands at a commit.
func (c Cache) setRef(repo Repo, revision, commit string) error {
	if revision == commit {
		return nil
	}
	path := c.path(repo, "refs", filepath.FromSlash(revision))
	if b, err := os.ReadFile(path); err == nil && string(b) == commit {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	temporary := fmt.Sprintf("%s.%d.tmp", path, os.Getpid())
	if err := os.WriteFile(temporary, []byte(commit), 0o666); err != nil {
		return err
	}
	return os.Rename(temporary, path)
}

// link makes a blob the file of that name in a snapshot.
func (c Cache) link(repo Repo, commit, file, etag string) error {
	path := c.path(repo, "snapshots", commit, filepath.FromSlash(file))
	blob := c.path(repo, "blobs", etag)
	if there, err := filepath.EvalSymlinks(path); err == nil {
		if want, err := filepath.EvalSymlinks(blob); err == nil && there == want {
			return nil
		}
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	target, err := filepath.Rel(filepath.Dir(path), blob)
	if err != nil {
		return err
	}
	err = os.Symlink(target, path)
	if err == nil || errors.Is(err, fs.ErrExist) { // another process was quicker
		return nil
	}
	// Where there are no symbolic links (Windows, some file systems) the file
	// itself stands in the snapshot, as in huggingface_hub.
	return os.Rename(blob, path)
}

// inSnapshot returns the size of a file in a snapshot, or false.
func (c Cache) inSnapshot(repo Repo, commit, file string) (int64, bool) {
	info, err := os.Stat(c.path(repo, "snapshots", commit, filepath.FromSlash(file)))
	if err != nil || !info.Mode().IsRegular() {
		return 0, false
	}
	return info.Size(), true
}
