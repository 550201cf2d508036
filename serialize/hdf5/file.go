package hdf5

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/vkdual/vkdual/serialize/internal/mapped"
	"github.com/vkdual/vkdual/serialize/safetensors"
)

// File holds the datasets of an open file.
type File struct {
	name    string
	tensors map[string]safetensors.Tensor
	release func() error // unmaps the file
}

// OpenFS opens a file of fsys: mapped where it is a file of the system (os.DirFS),
// read whole where it is not (embed.FS).
func OpenFS(fsys fs.FS, path string) (*File, error) {
	data, release, err := mapped.Open(fsys, path)
	if err != nil {
		return nil, fmt.Errorf("hdf5: %w", err)
	}
	f, err := Parse(path, data)
	if err != nil {
		return nil, errors.Join(err, release())
	}
	f.release = release
	return f, nil
}

const (
	signature  = "\x89HDF\r\n\x1a\n"
	lfsPointer = "version https://git-lfs."
)

// Parse reads the file in data, which stays the caller's and must not change
// while the File is in use. name is for messages only.
func Parse(name string, data []byte) (*File, error) {
	w := &walker{data: data, seen: map[uint64]bool{}, tensors: map[string]safetensors.Tensor{}}
	if err := w.superblock(); err != nil {
		var known *Error
		if errors.As(err, &known) {
			known.File = name
			return nil, known
		}
		return nil, fmt.Errorf("hdf5: %s: %w", name, err)
	}
	return &File{name: name, tensors: w.tensors, release: func() error { return nil }}, nil
}

// superblock reads the start of the file (section II.A) and all from the root group on.
func (w *walker) superblock() error {
	const place = "superblock"
	switch {
	case len(w.data) == 0:
		return fault(place, "the file is empty")
	case bytes.HasPrefix(w.data, []byte(lfsPointer)):
		return fault(place, `this is a Git LFS pointer in place of the file: fetch it with "git lfs pull"`)
	case !bytes.HasPrefix(w.data, []byte(signature)):
		return fault(place, "found %q, want the signature of HDF5", w.data[:min(len(w.data), 8)])
	}
	b, err := w.block(place, 0, 24+4+72)
	if err != nil {
		return err
	}
	version := b[8]
	if version > 1 {
		return fault(place, "version %d, want 0 or 1: the file was written with libver=\"latest\", save it with the default", version)
	}
	if b[13] != 8 || b[14] != 8 {
		return fault(place, "addresses of %d and lengths of %d bytes, want 8", b[13], b[14])
	}
	b = b[24+4*int(version):]
	if base := u64(b); base != 0 {
		return fault(place, "the file begins at byte %d, want 0", base)
	}
	if end := u64(b[16:]); end > uint64(len(w.data)) {
		return fault(place, "the file should have %d bytes and has %d: it is cut short", end, len(w.data))
	}
	if err := w.object(u64(b[32+8:]), "", 0); err != nil {
		return err
	}
	if len(w.tensors) == 0 {
		return fault(place, "no dataset in the file: want a model's weights")
	}
	return nil
}

// Tensor returns the dataset of that path, which begins without a slash, and whether
// there is one.
func (f *File) Tensor(path string) (safetensors.Tensor, bool) {
	t, ok := f.tensors[path]
	return t, ok
}

// Names returns the paths of all datasets, sorted.
func (f *File) Names() []string {
	names := make([]string, 0, len(f.tensors))
	for name := range f.tensors {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Close unmaps the file; every tensor of it is void from then on.
func (f *File) Close() error {
	release := f.release
	*f = File{name: f.name, release: func() error { return nil }}
	if err := release(); err != nil {
		return fmt.Errorf("hdf5: close %s: %w", f.name, err)
	}
	return nil
}
