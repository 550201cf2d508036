package pytorch

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/vkdual/vkdual/serialize/internal/mapped"
	"github.com/vkdual/vkdual/serialize/safetensors"
)

// File is the state dict of an open file.
type File struct {
	name    string
	tensors map[string]safetensors.Tensor
	names   []string     // in the dict's order
	release func() error // unmaps the file
}

// OpenFS opens a file of fsys: mapped where it is a file of the system (os.DirFS),
// read whole where it is not (embed.FS).
func OpenFS(fsys fs.FS, path string) (*File, error) {
	data, release, err := mapped.Open(fsys, path)
	if err != nil {
		return nil, fmt.Errorf("pytorch: %w", err)
	}
	f, err := Parse(path, data)
	if err != nil {
		return nil, errors.Join(err, release())
	}
	f.release = release
	return f, nil
}

const (
	zipMagic   = "PK\x03\x04"
	lfsPointer = "version https://git-lfs."
)

// Parse reads the file in data, which stays the caller's and must not change
// while the File is in use. name is for messages only.
func Parse(name string, data []byte) (*File, error) {
	var dict *dict
	var err error
	switch {
	case len(data) == 0:
		err = &Error{Place: "start", Fault: "the file is empty"}
	case bytes.HasPrefix(data, []byte(lfsPointer)):
		err = &Error{Place: "start", Fault: `this is a Git LFS pointer in place of the file: fetch it with "git lfs pull"`}
	case bytes.HasPrefix(data, []byte(zipMagic)):
		dict, err = readArchive(data)
	case data[0] == opProto:
		dict, err = readLegacy(data)
	default:
		err = &Error{Place: "start", Fault: fmt.Sprintf("found %q, want a zip archive or a pickle as torch.save writes them", data[:min(len(data), 8)])}
	}
	f := &File{name: name, tensors: map[string]safetensors.Tensor{}, release: func() error { return nil }}
	if err == nil {
		err = f.collect(dict, len(data))
	}
	if err != nil {
		var fault *Error
		if errors.As(err, &fault) {
			fault.File = name
			return nil, fault
		}
		return nil, fmt.Errorf("pytorch: %s: %w", name, err)
	}
	return f, nil
}

// collect takes the tensors out of a state dict. Other values (counters, versions)
// are no weights and are passed over.
func (f *File) collect(d *dict, size int) error {
	for _, e := range d.entries {
		t, ok := e.value.(*tensor)
		if !ok {
			continue
		}
		name, ok := e.key.(string)
		if !ok || len(name) > maxName {
			return fault("state dict", "a tensor's key is %s, want a name of at most %d bytes", describe(e.key), maxName)
		}
		view, ok := safetensors.View(t.dtype, t.storage.data, t.offset, t.shape, t.strides)
		if !ok {
			return fault(tensorPlace(name), "shape %v, strides %v from element %d on leave the storage %q, which has %d elements of %s",
				t.shape, t.strides, t.offset, t.storage.key, len(t.storage.data)*8/max(1, t.dtype.Bits()), t.dtype)
		}
		// Strides of 0 repeat elements; without a bound a file of some bytes could
		// claim a tensor of any size.
		if view.Elems() > size {
			return fault(tensorPlace(name), "shape %v has more elements than the file has bytes", t.shape)
		}
		view.Name = name
		if _, again := f.tensors[name]; !again {
			f.names = append(f.names, name)
		}
		f.tensors[name] = view // a key's last value counts, as in Python
	}
	if len(f.names) == 0 {
		return &Error{Place: "state dict", Fault: "no tensor in it: want a dict of names and tensors, as model.state_dict() gives"}
	}
	return nil
}

func tensorPlace(name string) string { return fmt.Sprintf("tensor %q", name) }

// Tensor returns the tensor of that name, and whether there is one.
func (f *File) Tensor(name string) (safetensors.Tensor, bool) {
	t, ok := f.tensors[name]
	return t, ok
}

// Names returns the tensors' names in the state dict's order.
func (f *File) Names() []string { return slices.Clone(f.names) }

// Close unmaps the file; every tensor of it is void from then on.
func (f *File) Close() error {
	release := f.release
	*f = File{name: f.name, release: func() error { return nil }}
	if err := release(); err != nil {
		return fmt.Errorf("pytorch: close %s: %w", f.name, err)
	}
	return nil
}
