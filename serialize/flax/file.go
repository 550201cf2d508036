package flax

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/vkdual/vkdual/serialize/internal/mapped"
	"github.com/vkdual/vkdual/serialize/safetensors"
)

// File is an open file of parameters.
type File struct {
	name    string
	params  map[string]param // by PyTorch's names
	pairs   uint64           // read so far
	release func() error     // unmaps the file
}

// param is a parameter as it is stored: in one part, or in several along a flat axis.
type param struct {
	path  string // in the Flax model
	shape []int
	parts []safetensors.Tensor
}

const (
	// maxDepth bounds the maps in maps. A real model has some ten.
	maxDepth = 64
	// maxName bounds the length of a parameter's path.
	maxName = 1000
	// maxPairs bounds the memory that names take.
	maxPairs   = 1 << 17
	chunked    = "__msgpack_chunked_array__"
	lfsPointer = "version https://git-lfs."
)

// OpenFS opens a file of fsys: mapped where it is a file of the system (os.DirFS),
// read whole where it is not (embed.FS).
func OpenFS(fsys fs.FS, path string) (*File, error) {
	data, release, err := mapped.Open(fsys, path)
	if err != nil {
		return nil, fmt.Errorf("flax: %w", err)
	}
	f, err := Parse(path, data)
	if err != nil {
		return nil, errors.Join(err, release())
	}
	f.release = release
	return f, nil
}

// Parse reads the file in data, which stays the caller's and must not change
// while the File is in use. name is for messages only.
func Parse(name string, data []byte) (*File, error) {
	f := &File{name: name, params: map[string]param{}, release: func() error { return nil }}
	switch {
	case len(data) == 0:
		return nil, &Error{name, "byte 0", "the file is empty"}
	case bytes.HasPrefix(data, []byte(lfsPointer)):
		return nil, &Error{name, "byte 0", `this is a Git LFS pointer in place of the file: fetch it with "git lfs pull"`}
	}
	d := &decoder{data: data}
	head, err := d.next()
	if err == nil && head.kind != mapping {
		err = errors.New("want a MessagePack map of parameters, as Flax's to_bytes writes it")
	}
	if err == nil {
		err = f.walk(d, "", head.n, 0)
	}
	var known *Error
	if errors.As(err, &known) {
		return nil, known
	}
	if err != nil {
		return nil, &Error{name, fmt.Sprintf("byte %d", d.at), err.Error()}
	}
	if rest := len(data) - d.at; rest != 0 {
		return nil, &Error{name, fmt.Sprintf("byte %d", d.at), fmt.Sprintf("%d bytes follow the parameters", rest)}
	}
	if len(f.params) == 0 {
		return nil, &Error{name, "byte 0", "no array in it: want a model's parameters"}
	}
	return f, nil
}

// walk reads a map's pairs; path is where it stands in the model.
func (f *File) walk(d *decoder, path string, pairs uint64, depth int) error {
	fault := func(at int, format string, args ...any) error {
		return &Error{f.name, fmt.Sprintf("%q at byte %d", path, at), fmt.Sprintf(format, args...)}
	}
	if depth > maxDepth {
		return fault(d.at, "maps lie %d deep, want at most %d", depth, maxDepth)
	}
	if f.pairs += pairs; f.pairs > maxPairs {
		return fault(d.at, "more than %d keys in all", maxPairs)
	}
	seen := map[string]bool{}
	for i := range pairs {
		at := d.at
		key, err := d.next()
		if err != nil {
			return fault(at, "%v", err)
		}
		name := string(key.body)
		if key.kind == integer {
			name = strconv.FormatUint(key.n, 10)
		} else if key.kind != text || !utf8.ValidString(name) {
			return fault(at, "a key is no text")
		}
		if len(path)+len(name) > maxName {
			return fault(at, "a name of more than %d bytes", maxName)
		}
		if seen[name] {
			return fault(at, "key %.60q occurs twice", name)
		}
		seen[name] = true
		if i == 0 && name == chunked {
			if err := f.join(d, path, pairs); err != nil {
				return fault(at, "an array in parts: %v", err)
			}
			return nil
		}
		if path != "" {
			name = path + "." + name
		}
		if err := f.value(d, name, depth); err != nil {
			var known *Error
			if errors.As(err, &known) {
				return err
			}
			return &Error{f.name, fmt.Sprintf("%q at byte %d", name, at), err.Error()}
		}
	}
	return nil
}

// value reads what stands at a path: a map, an array, or something that is no weight.
func (f *File) value(d *decoder, path string, depth int) error {
	v, err := d.next()
	if err != nil {
		return err
	}
	switch {
	case v.kind == mapping:
		return f.walk(d, path, v.n, depth+1)
	case v.kind == array && v.n > 0:
		return errors.New("want arrays and maps, found a list")
	case v.kind == extension && (v.code == extNDArray || v.code == extScalar):
		t, err := ndarray(v.body)
		if err != nil {
			return fmt.Errorf("array: %w", err)
		}
		return f.add(param{path, t.Shape, []safetensors.Tensor{t}})
	case v.kind == extension && v.code != 2: // 2: a complex number of Python
		return fmt.Errorf("extension type %d, which Flax does not write", v.code)
	}
	return nil
}

func (f *File) add(p param) error {
	name := PyTorchName(p.path)
	if other, twice := f.params[name]; twice {
		return fmt.Errorf("%q and %q both are PyTorch's %q", other.path, p.path, name)
	}
	f.params[name] = p
	return nil
}

// join reads an array that Flax split: after the mark, which was read, its shape and its
// parts, each a map from "0" on.
func (f *File) join(d *decoder, path string, pairs uint64) error {
	if mark, err := d.next(); err != nil || mark.kind != boolean || mark.n != 1 || pairs != 3 {
		return errors.New("want the mark, a shape and chunks")
	}
	p := param{path: path}
	elems := uint64(1)
	err := counted(d, "shape", func(v object) error {
		if v.kind != integer || v.n > math.MaxInt32<<8 || len(p.shape) == maxRank || v.n != 0 && elems > math.MaxInt64/v.n {
			return errors.New("shape: want at most 32 numbers from 0 on")
		}
		elems *= v.n
		p.shape = append(p.shape, int(v.n))
		return nil
	})
	if err != nil {
		return err
	}
	held := uint64(0)
	err = counted(d, "chunks", func(v object) error {
		if v.kind != extension || v.code != extNDArray {
			return errors.New("chunks: want arrays")
		}
		t, err := ndarray(v.body)
		if err != nil {
			return err
		}
		if len(t.Shape) != 1 || len(p.parts) > 0 && t.DType != p.parts[0].DType {
			return errors.New("chunks: want flat arrays of one type")
		}
		held += uint64(t.Shape[0])
		p.parts = append(p.parts, t)
		return nil
	})
	if err != nil {
		return err
	}
	if held != elems || len(p.parts) == 0 {
		return fmt.Errorf("%d parts of %d elements in all, shape %v has %d", len(p.parts), held, p.shape, elems)
	}
	return f.add(p)
}

// counted reads a key and a map whose keys are "0", "1", … in order.
func counted(d *decoder, want string, visit func(object) error) error {
	key, err := d.next()
	if err != nil {
		return err
	}
	m, err := d.next()
	if err != nil {
		return err
	}
	if string(key.body) != want || m.kind != mapping {
		return fmt.Errorf("found %.40q, want a map %q", key.body, want)
	}
	for i := range m.n {
		index, err := d.next()
		if err != nil {
			return err
		}
		if string(index.body) != strconv.FormatUint(i, 10) {
			return fmt.Errorf("%s: key %.40q, want %d", want, index.body, i)
		}
		v, err := d.next()
		if err != nil {
			return err
		}
		if err := visit(v); err != nil {
			return err
		}
	}
	return nil
}

// Tensor returns the parameter of that name (PyTorch's), in PyTorch's layout, and
// whether there is one.
func (f *File) Tensor(name string) (safetensors.Tensor, bool) {
	p, ok := f.params[name]
	if !ok {
		return safetensors.Tensor{}, false
	}
	t := p.parts[0]
	if len(p.parts) > 1 {
		size := 0
		for _, part := range p.parts {
			size += len(part.Data)
		}
		t.Data = make([]byte, 0, size)
		for _, part := range p.parts {
			t.Data = append(t.Data, part.Data...)
		}
	}
	t.Name, t.Shape = p.path, p.shape
	return ToPyTorch(t), true
}

// Names returns PyTorch's names of all parameters, sorted.
func (f *File) Names() []string {
	names := make([]string, 0, len(f.params))
	for name := range f.params {
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
		return fmt.Errorf("flax: close %s: %w", f.name, err)
	}
	return nil
}
