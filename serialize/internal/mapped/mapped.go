// Package mapped brings a file's bytes into memory: by mapping it where it is a
// file of the system, else by reading it whole.
//
// It keeps no state. As with every mapping, a file that somebody else shortens
// while it is mapped ends the process: files are to be replaced by renaming.
package mapped

import (
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
)

// Open returns the bytes of a file of fsys, mapped where it is one of the system
// (os.DirFS). release unmaps them; it is never nil where err is.
func Open(fsys fs.FS, path string) (data []byte, release func() error, err error) {
	f, err := fsys.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close() // a mapping outlives its descriptor
	if f, ok := f.(*os.File); ok {
		return File(path, f)
	}
	return read(f)
}

// File is Open for a file that is open already, and stays the caller's to close.
// name is for messages.
func File(name string, f *os.File) (data []byte, release func() error, err error) {
	info, err := f.Stat()
	if err != nil {
		return nil, nil, err
	}
	size := info.Size()
	switch {
	case info.IsDir():
		return nil, nil, fmt.Errorf("open %s: is a folder", name)
	case !info.Mode().IsRegular(): // a pipe has no length to map
		return read(f)
	case size == 0:
		return nil, func() error { return nil }, nil // an empty mapping is an error everywhere
	case size > math.MaxInt:
		return nil, nil, fmt.Errorf("open %s: %d bytes exceed this machine's address space", name, size)
	}
	data, release, err = mapFile(f, int(size))
	if err != nil {
		return nil, nil, fmt.Errorf("map %s: %w", name, err)
	}
	return data, release, nil
}

func read(r io.Reader) (data []byte, release func() error, err error) {
	data, err = io.ReadAll(r)
	return data, func() error { return nil }, err
}
