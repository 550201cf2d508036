package checkpoint

import (
	"io/fs"
	"strings"

	"github.com/vkdual/vkdual/serialize/flax"
	"github.com/vkdual/vkdual/serialize/hdf5"
	"github.com/vkdual/vkdual/serialize/pytorch"
	"github.com/vkdual/vkdual/serialize/safetensors"
	"github.com/vkdual/vkdual/serialize/tensorflow"
)

// file is an open file of weights. Its tensors go by PyTorch's names and layouts.
type file interface {
	Names() []string
	Tensor(name string) (safetensors.Tensor, bool)
	Close() error
}

// reader opens a file of one form.
type reader func(fsys fs.FS, path string) (file, error)

// form is a file that weights come in, or the index of several.
type form struct {
	file  string
	index bool
	open  reader
	name  func(indexed string) string // gives a name in the index as the reader has it; nil: as it is
}

// forms returns what a folder is searched for, in order. The first four and
// their order are transformers'; it reads the others only when told to.
func forms() []form {
	return []form{
		{file: "model.safetensors", open: openSafetensors},
		{file: "model.safetensors.index.json", index: true, open: openSafetensors},
		{file: "pytorch_model.bin", open: openPyTorch},
		{file: "pytorch_model.bin.index.json", index: true, open: openPyTorch},
		{file: "flax_model.msgpack", open: openFlax},
		{file: "flax_model.msgpack.index.json", index: true, open: openFlax, name: func(path string) string {
			return flax.PyTorchName(strings.ReplaceAll(path, "/", "."))
		}},
		{file: "tf_model.h5", open: openTensorFlow},
		{file: "tf_model.h5.index.json", index: true, open: openTensorFlowShard, name: func(variable string) string {
			return tensorflow.PyTorchName(tensorflow.Variable(variable))
		}},
	}
}

// Files returns the names by which a folder is searched for weights, in order.
func Files() []string {
	var names []string
	for _, f := range forms() {
		names = append(names, f.file)
	}
	return names
}

// wanted names the files that are searched for, for messages.
func wanted() string {
	names := Files()
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

func (w *Weights) find() (form, bool) {
	for _, f := range forms() {
		if w.has(f.file) {
			return f, true
		}
	}
	return form{}, false
}

// openSafetensors opens a file whose metadata say by which framework's names and
// layouts its tensors go.
func openSafetensors(fsys fs.FS, path string) (file, error) {
	f, err := safetensors.OpenFS(fsys, path)
	if err != nil {
		return nil, err
	}
	switch f.Metadata()["format"] {
	case "tf":
		return rename(path, f, tensorflow.ToPyTorch)
	case "flax":
		return rename(path, f, flax.ToPyTorch)
	}
	return f, nil
}

func openPyTorch(fsys fs.FS, path string) (file, error) {
	return checked(pytorch.OpenFS(fsys, path))
}

func openFlax(fsys fs.FS, path string) (file, error) {
	return checked(flax.OpenFS(fsys, path))
}

// openTensorFlow opens a file of Keras: a dataset's path is that of a layer, then the variable's name.
func openTensorFlow(fsys fs.FS, path string) (file, error) {
	f, err := hdf5.OpenFS(fsys, path)
	if err != nil {
		return nil, err
	}
	return rename(path, f, func(t safetensors.Tensor) safetensors.Tensor {
		t.Name = tensorflow.Variable(tensorflow.Variable(t.Name))
		return tensorflow.ToPyTorch(t)
	})
}

// openTensorFlowShard opens one of several files: a dataset's path is the variable's name
// without its first level.
func openTensorFlowShard(fsys fs.FS, path string) (file, error) {
	f, err := hdf5.OpenFS(fsys, path)
	if err != nil {
		return nil, err
	}
	return rename(path, f, tensorflow.ToPyTorch)
}

// checked keeps a nil pointer from becoming an interface that is not nil.
func checked[F file](f F, err error) (file, error) {
	if err != nil {
		return nil, err
	}
	return f, nil
}
