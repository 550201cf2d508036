package main

import (
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// pictures turns names into the paths of picture files, in order: a file is
// itself, a folder is the pictures in it and below, sorted by path (names that
// begin with a dot and linked folders are left out), a pattern is what it
// matches, an address on the web stays one.
func pictures(names iter.Seq[entry]) iter.Seq[entry] {
	return func(yield func(entry) bool) {
		for e := range names {
			if e.err != nil {
				yield(e)
				return
			}
			if isURL(e.text) {
				if !yield(e) {
					return
				}
				continue
			}
			if !picturesOf(e.text, yield) {
				return
			}
		}
	}
}

// A noPictureError is a name that stands for no picture. Others go on.
type noPictureError struct{ name, reason string }

func (e *noPictureError) Error() string { return e.reason }

func picturesOf(name string, yield func(entry) bool) bool {
	none := func(reason string) bool {
		return yield(entry{text: name, err: &noPictureError{name, reason}})
	}
	info, err := os.Stat(name)
	switch {
	case name == "":
		return none("an empty path")
	case err == nil && info.IsDir():
		return picturesBelow(name, yield, none)
	case err == nil:
		return yield(entry{text: name})
	case strings.Contains(name, "://"):
		return none(reason(err) + "; of addresses only those of http and https are fetched")
	case !strings.ContainsAny(name, "*?["):
		return none(reason(err))
	}
	paths, err := filepath.Glob(name)
	if err != nil {
		return none("a malformed pattern")
	}
	if len(paths) == 0 {
		return none("no file matches")
	}
	for _, p := range paths {
		if info, err := os.Stat(p); err == nil && info.IsDir() {
			continue
		}
		if !yield(entry{text: p}) {
			return false
		}
	}
	return true
}

// reason is what happened, without operation and path.
func reason(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}

func picturesBelow(dir string, yield func(entry) bool, none func(string) bool) bool {
	found, more := 0, true
	root := dir
	if target, err := filepath.EvalSymlinks(dir); err == nil {
		root = target // WalkDir does not enter a link
	}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		shown := filepath.Join(dir, strings.TrimPrefix(path, root))
		switch {
		case err != nil:
			found++
			more = yield(entry{text: shown, err: &noPictureError{shown, reason(err)}})
		case path != root && strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return fs.SkipDir
			}
		case !d.IsDir() && looksLikePicture(path):
			found++
			more = yield(entry{text: shown})
		}
		if !more {
			return fs.SkipAll
		}
		return nil
	})
	switch {
	case !more:
		return false
	case err != nil:
		return none(reason(err))
	case found == 0:
		return none("a folder with no picture in it or below (" + strings.Join(pictureExtensions(), " ") + ")")
	}
	return true
}

// plainFile reports whether name is one picture's.
func plainFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && !info.IsDir()
}

func pictureExtensions() []string {
	return []string{".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff"}
}

// looksLikePicture goes by extension, and by content where that says nothing.
func looksLikePicture(path string) bool {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return false
	}
	ext := strings.ToLower(filepath.Ext(path))
	if slices.Contains(pictureExtensions(), ext) {
		return true
	}
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, 512)
	n, _ := f.Read(head)
	return strings.HasPrefix(http.DetectContentType(head[:n]), "image/") && ext != ".ico"
}

// notThere words an error of a name given as a picture; flag is what it may
// have been meant for.
func notThere(err error, flag string) error {
	var e *noPictureError
	if !errors.As(err, &e) || flag == "" || strings.ContainsAny(e.name, "./\\") {
		return err
	}
	if _, there := os.Stat(e.name); there != nil {
		return fmt.Errorf("%w (if it is no picture: each needs its own %s)", err, flag)
	}
	return err
}
