package atomicfile

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// An OccupiedError says that there is something where a folder was to be made.
type OccupiedError struct {
	Path string
	File bool // it is no folder; else it is one that is not empty
}

func (e *OccupiedError) Error() string {
	if e.File {
		return fmt.Sprintf("atomicfile: %s: is a file, want a folder to make", e.Path)
	}
	return fmt.Sprintf("atomicfile: %s: is a folder that is not empty", e.Path)
}

// Folder is a folder on its way: its files are written under Path, and stand at their
// place when all are. Exactly one of Commit and Discard ends it; Discard after Commit does nothing.
type Folder struct {
	path, target string
	done         bool
}

// CreateFolder starts the folder that is to stand at target, where there may be none yet, or an empty one; with over
// also one with files, of which those of the same names are then replaced.
func CreateFolder(target string, over bool) (*Folder, error) {
	if real, err := filepath.EvalSymlinks(target); err == nil {
		target = real
	}
	target = filepath.Clean(target)
	entries, err := os.ReadDir(target)
	switch {
	case err == nil && len(entries) > 0 && !over:
		return nil, &OccupiedError{Path: target}
	case err == nil, errors.Is(err, fs.ErrNotExist):
	default:
		if info, e := os.Stat(target); e == nil && !info.IsDir() {
			return nil, &OccupiedError{Path: target, File: true}
		}
		return nil, fmt.Errorf("atomicfile: %w", err)
	}
	parent := filepath.Dir(target)
	if err := os.MkdirAll(parent, 0o777); err != nil {
		return nil, fmt.Errorf("atomicfile: %w", err)
	}
	path := target + ".tmp-" + rand.Text()[:8]
	if err := os.Mkdir(path, 0o777); err != nil {
		return nil, fmt.Errorf("atomicfile: create %s: in folder %s: %w", target, parent, reason(err))
	}
	return &Folder{path: path, target: target}, nil
}

// reason is err without the temporary name, which nobody gave.
func reason(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}

// Path is where the files are written until Commit.
func (f *Folder) Path() string { return f.path }

// Commit puts the folder in its place. Where there is one with files, the new ones
// take theirs one by one, and then those that obsolete accepts by their name are removed. After an error
// nothing is left at Path.
func (f *Folder) Commit(obsolete func(name string) bool) error {
	if f.done {
		return nil
	}
	f.done = true
	if err := f.place(obsolete); err != nil {
		return fmt.Errorf("atomicfile: write %s: %w", f.target, errors.Join(err, os.RemoveAll(f.path)))
	}
	return nil
}

func (f *Folder) place(obsolete func(name string) bool) error {
	old, err := os.ReadDir(f.target)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if len(old) == 0 {
		if err == nil {
			if err := os.Remove(f.target); err != nil { // not every system renames over an empty folder
				return err
			}
		}
		return os.Rename(f.path, f.target)
	}
	files, err := os.ReadDir(f.path)
	if err != nil {
		return err
	}
	for _, file := range files {
		if err := os.Rename(filepath.Join(f.path, file.Name()), filepath.Join(f.target, file.Name())); err != nil {
			return err
		}
	}
	for _, file := range old {
		kept := slices.ContainsFunc(files, func(n fs.DirEntry) bool { return n.Name() == file.Name() })
		if !kept && obsolete(file.Name()) {
			if err := os.Remove(filepath.Join(f.target, file.Name())); err != nil {
				return err
			}
		}
	}
	return os.Remove(f.path)
}

// Discard removes what was written; what stood at the place stays.
func (f *Folder) Discard() error {
	if f.done {
		return nil
	}
	f.done = true
	return os.RemoveAll(f.path)
}
