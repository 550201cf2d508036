package safetensors

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"

	"github.com/vkdual/vkdual/serialize/internal/mapped"
)

// File is an open safetensors file.
type File struct {
	name     string
	data     []byte       // the whole file
	release  func() error // unmaps data; nil where the garbage collector owns it
	tensors  []Tensor     // in the order of their bytes
	index    map[string]int
	metadata map[string]string
}

// Open maps the file at path. Where the system cannot map files, it is read whole.
func Open(path string) (*File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("safetensors: %w", err)
	}
	defer f.Close() // a mapping outlives its descriptor
	data, release, err := mapped.File(path, f)
	return opened(path, data, release, err)
}

// OpenFS opens a file of fsys: mapped where it is a file of the system (os.DirFS),
// read whole where it is not (embed.FS).
func OpenFS(fsys fs.FS, path string) (*File, error) {
	data, release, err := mapped.Open(fsys, path)
	return opened(path, data, release, err)
}

func opened(name string, data []byte, release func() error, err error) (*File, error) {
	if err != nil {
		return nil, fmt.Errorf("safetensors: %w", err)
	}
	file, err := Parse(name, data)
	if err != nil {
		return nil, errors.Join(err, release())
	}
	file.release = release
	return file, nil
}

// Parse reads the file in data, which stays the caller's and must not change
// while the File is in use. name is for messages only.
func Parse(name string, data []byte) (*File, error) {
	f := &File{name: name, data: data}
	if err := f.parse(); err != nil {
		return nil, err
	}
	return f, nil
}

// Close unmaps the file; every Tensor of it is void from then on.
func (f *File) Close() error {
	release := f.release
	*f = File{name: f.name}
	if release == nil {
		return nil
	}
	if err := release(); err != nil {
		return fmt.Errorf("safetensors: close %s: %w", f.name, err)
	}
	return nil
}

// Name returns the name that the file was opened under.
func (f *File) Name() string { return f.name }

// Tensor returns the tensor of that name, and whether there is one.
func (f *File) Tensor(name string) (Tensor, bool) {
	i, ok := f.index[name]
	if !ok {
		return Tensor{}, false
	}
	return f.tensors[i], true
}

// Names returns the tensors' names in the order of their bytes in the file.
func (f *File) Names() []string {
	names := make([]string, len(f.tensors))
	for i := range f.tensors {
		names[i] = f.tensors[i].Name
	}
	return names
}

// Metadata returns a copy of the header's "__metadata__", empty where there is none.
func (f *File) Metadata() map[string]string { return maps.Clone(f.metadata) }
