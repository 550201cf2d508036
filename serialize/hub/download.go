package hub

import (
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/gofrs/flock"
)

// blobName is the name of a blob: the file's hash, by which it is checked.
var blobName = regexp.MustCompile(`^([0-9a-f]{40}|[0-9a-f]{64})$`)

// fetch brings a file into the cache as a blob and into the commit's snapshot,
// unless it is there.
func (c *Client) fetch(ctx context.Context, repo Repo, commit, file string, m meta) error {
	blob := c.Cache.path(repo, "blobs", m.etag)
	if err := os.MkdirAll(filepath.Dir(blob), 0o777); err != nil {
		return err
	}
	// The lock of huggingface_hub, so that it and we never write one file at once.
	path := filepath.Join(string(c.Cache), ".locks", repo.folder(), m.etag+".lock")
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	lock := flock.New(path)
	if ok, err := lock.TryLockContext(ctx, 100*time.Millisecond); err != nil || !ok {
		return fmt.Errorf("lock %s: %w", path, err)
	}
	defer lock.Close()
	if info, err := os.Stat(blob); err == nil && info.Size() == m.size {
		c.progress(file, m.size, m.size)
		return c.Cache.link(repo, commit, file, m.etag)
	}
	if size, ok := c.Cache.inSnapshot(repo, commit, file); ok && size == m.size {
		c.progress(file, m.size, m.size) // a cache without symbolic links
		return nil
	}
	if err := c.download(ctx, c.url(repo, commit, file), file, blob+".incomplete", m); err != nil {
		return err
	}
	if err := os.Rename(blob+".incomplete", blob); err != nil {
		return err
	}
	return c.Cache.link(repo, commit, file, m.etag)
}

// download writes a file to path, on from what an earlier attempt left there,
// and checks it. What is not right is removed, and tried once more from its start.
func (c *Client) download(ctx context.Context, at, file, path string, m meta) error {
	for second := false; ; second = true {
		resumed, err := c.transfer(ctx, at, file, path, m)
		if err != nil {
			return err
		}
		sum, err := blobHash(path, m)
		if err != nil {
			return err
		}
		if sum == m.etag {
			return nil
		}
		if err := os.Remove(path); err != nil {
			return err
		}
		if !resumed || second {
			return fmt.Errorf("%s: its hash is %s, want %s", at, sum, m.etag)
		}
	}
}

// transfer brings path to its size. resumed says that it did not start empty.
func (c *Client) transfer(ctx context.Context, at, file, path string, m meta) (resumed bool, err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	done, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return false, err
	}
	if done > m.size {
		if done, err = 0, restart(f); err != nil {
			return false, err
		}
	}
	resumed = done > 0
	err = c.again(ctx, at, func() (bool, error) {
		from := done
		if done == m.size {
			c.progress(file, done, m.size)
			return false, nil
		}
		var header http.Header
		if done > 0 {
			header = http.Header{"Range": {fmt.Sprintf("bytes=%d-", done)}}
		}
		r, stop, err := c.do(ctx, http.MethodGet, at, header)
		if err != nil {
			return false, err
		}
		defer stop()
		var first int64
		if r.StatusCode == http.StatusPartialContent {
			if _, err := fmt.Sscanf(r.Header.Get("Content-Range"), "bytes %d-", &first); err != nil {
				first = -1
			}
		}
		if first != done {
			if first != 0 {
				return false, fmt.Errorf("%s: asked for bytes from %d on, got Content-Range %q", at, done, r.Header.Get("Content-Range"))
			}
			if done, err = 0, restart(f); err != nil { // it sends the whole
				return false, &permanentError{err}
			}
		}
		c.progress(file, done, m.size)
		// One byte more than there should be shows that there is more.
		n, err := io.Copy(&counting{f, func(n int) { done += int64(n); c.progress(file, min(done, m.size), m.size) }},
			io.LimitReader(r.Body, m.size-done+1))
		if done > m.size {
			return false, &permanentError{errors.Join(fmt.Errorf("%s: more than the %d bytes that it was said to have", at, m.size), restart(f))}
		}
		var disk *os.PathError
		if errors.As(err, &disk) {
			return false, &permanentError{err}
		}
		if errors.Is(err, io.ErrUnexpectedEOF) || err == nil && done < m.size {
			err = fmt.Errorf("%s: ended after %d of %d bytes", at, done, m.size)
		}
		return n > 0 && done > from, err
	})
	return resumed, err
}

func restart(f *os.File) error {
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err := f.Seek(0, io.SeekStart)
	return err
}

// counting tells of each write.
type counting struct {
	io.Writer
	wrote func(n int)
}

func (w *counting) Write(p []byte) (int, error) {
	n, err := w.Writer.Write(p)
	w.wrote(n)
	return n, err
}

func (c *Client) progress(file string, done, total int64) {
	if c.Progress != nil {
		c.Progress(file, done, total)
	}
}

// blobHash is the hash of a file of the kind that its blob is named by: SHA-256
// of large files, and git's of a blob otherwise.
func blobHash(path string, m meta) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	var h hash.Hash
	if len(m.etag) == 2*sha256.Size {
		h = sha256.New()
	} else {
		h = sha1.New()
		fmt.Fprintf(h, "blob %d\x00", m.size)
	}
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
