// Package atomicfile writes a file under a temporary name beside its place and
// renames it when it is whole: whoever opens the path finds the old file or the
// new one, and a run that is cut off leaves the old one.
//
// A [Folder] does the same with a folder of files.
//
// A [File] or a [Folder] belongs to one goroutine.
package atomicfile

import (
	"bufio"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// File is a file on its way. Exactly one of Commit and Discard ends it; Discard
// after Commit does nothing, so that it can be deferred.
type File struct {
	*os.File
	path string // where Commit puts it; empty where the target is written to directly
	done bool
}

// Create starts the file that is to stand at path. What is not a regular file (a pipe,
// /dev/null) is written to directly, since renaming would replace it;
// a symbolic link stays, and its target is replaced. The new file has the old one's permissions.
func Create(path string) (*File, error) {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	mode := fs.FileMode(0o666) // less the umask, as os.Create does
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return nil, fmt.Errorf("atomicfile: create %s: is a folder", path)
	case err == nil && !info.Mode().IsRegular():
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return nil, fmt.Errorf("atomicfile: %w", err)
		}
		return &File{File: f}, nil
	case err == nil:
		mode = info.Mode().Perm()
	case !errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("atomicfile: %w", err)
	}
	f, err := os.OpenFile(path+".tmp-"+rand.Text()[:8], os.O_RDWR|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return nil, fmt.Errorf("atomicfile: create %s: in folder %s: %w", path, filepath.Dir(path), reason(err))
	}
	if info != nil {
		// Best effort: on systems without permissions, or as another user, the
		// file is as good with the umask's.
		_ = f.Chmod(mode)
	}
	return &File{File: f, path: path}, nil
}

// Commit closes the file and puts it in its place. After an error nothing is left of it.
func (f *File) Commit() error {
	if f.done {
		return nil
	}
	f.done = true
	if f.path == "" {
		return f.Close()
	}
	// Without Sync a crash of the machine could leave the new name with no content.
	err := errors.Join(f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), f.path)
	}
	if err != nil {
		return fmt.Errorf("atomicfile: write %s: %w", f.path, errors.Join(err, os.Remove(f.Name())))
	}
	return nil
}

// Discard closes the file and removes it; what stood at its place stays.
func (f *File) Discard() error {
	if f.done {
		return nil
	}
	f.done = true
	err := f.Close()
	if f.path != "" {
		err = errors.Join(err, os.Remove(f.Name()))
	}
	return err
}

// Write puts at path what fill writes (buffered), or nothing where fill fails.
func Write(path string, fill func(io.Writer) error) error {
	f, err := Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<16)
	if err := fill(w); err != nil {
		return errors.Join(err, f.Discard())
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("atomicfile: write %s: %w", path, errors.Join(err, f.Discard()))
	}
	return f.Commit()
}
