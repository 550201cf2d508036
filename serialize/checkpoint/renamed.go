package checkpoint

import (
	"errors"
	"fmt"
	"slices"

	"github.com/vkdual/vkdual/serialize/safetensors"
)

// renamed is a file of another framework's names and layouts.
type renamed struct {
	file
	stored  map[string]string // PyTorch's name: the file's
	convert func(safetensors.Tensor) safetensors.Tensor
}

// rename makes the tensors of f, opened at path, go by the names and layouts that convert gives them.
func rename(path string, f file, convert func(safetensors.Tensor) safetensors.Tensor) (file, error) {
	r := renamed{f, map[string]string{}, convert}
	for _, stored := range f.Names() {
		t, _ := f.Tensor(stored)
		name := convert(t).Name
		if other, twice := r.stored[name]; twice {
			return nil, errors.Join(fmt.Errorf("%s: %q and %q both are PyTorch's %q", path, other, stored, name), f.Close())
		}
		r.stored[name] = stored
	}
	return r, nil
}

func (r renamed) Names() []string {
	names := make([]string, 0, len(r.stored))
	for name := range r.stored {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func (r renamed) Tensor(name string) (safetensors.Tensor, bool) {
	stored, ok := r.stored[name]
	if !ok {
		return safetensors.Tensor{}, false
	}
	t, ok := r.file.Tensor(stored)
	return r.convert(t), ok
}
