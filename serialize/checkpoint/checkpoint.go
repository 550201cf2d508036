package checkpoint

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/vkdual/vkdual/serialize/safetensors"
)

// FormError says that a folder holds weights, but in no form that is read here.
type FormError struct {
	Folder string
	Found  []string // file names
}

func (e *FormError) Error() string {
	return fmt.Sprintf("checkpoint: %s: found %s, want %s: convert it with save_pretrained(…, safe_serialization=True)",
		e.Folder, strings.Join(e.Found, ", "), wanted())
}

// Weights are the tensors of a checkpoint by name.
type Weights struct {
	folder string
	fsys   fs.FS

	mu     sync.Mutex
	places map[string]place
	asked  map[string]bool
	index  string          // the file that names the shards; "" where there is none
	reader reader          // of the shards
	shards map[string]file // by file name
}

// place is where a tensor stands.
type place struct {
	shard  string
	stored string // its name in the shard
}

// Open opens the weights in the folder at path.
func Open(path string) (*Weights, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("checkpoint: %s: is a file, want the folder of a checkpoint", path)
	}
	return OpenFS(os.DirFS(path), path)
}

// OpenFS opens the weights at the root of fsys. name is for messages.
func OpenFS(fsys fs.FS, name string) (*Weights, error) {
	w := &Weights{folder: name, fsys: fsys, places: map[string]place{}, asked: map[string]bool{}, shards: map[string]file{}}
	if err := w.open(); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	return w, nil
}

func (w *Weights) open() error {
	form, ok := w.find()
	if !ok {
		return w.absent()
	}
	w.reader = form.open
	if form.index {
		w.index = form.file
		if err := w.readIndex(form.name); err != nil {
			return err
		}
	} else {
		f, err := w.shard(form.file)
		if err != nil {
			return err
		}
		for _, stored := range f.Names() {
			w.places[stored] = place{form.file, stored}
		}
	}
	w.rename()
	return nil
}

func (w *Weights) has(file string) bool {
	_, err := fs.Stat(w.fsys, file)
	return !errors.Is(err, fs.ErrNotExist) // another error is reported when the file is opened
}

// absent says what the folder holds instead.
func (w *Weights) absent() error {
	var found []string
	for _, pattern := range []string{"*.safetensors", "*.bin", "*.msgpack", "*.h5", "*.ckpt.index", "*.gguf", "*.onnx"} {
		names, err := fs.Glob(w.fsys, pattern)
		if err != nil {
			return fmt.Errorf("checkpoint: %s: %w", w.folder, err)
		}
		found = append(found, names...)
	}
	if len(found) > 0 {
		return &FormError{Folder: w.folder, Found: found}
	}
	return fmt.Errorf("checkpoint: %s: no weights: want %s: %w", w.folder, wanted(), fs.ErrNotExist)
}

// rename gives old TensorFlow spellings their PyTorch ones (LayerNorm.gamma and .beta,
// and keys that end so without a dot), as transformers does at loading. A name that is in the file as well
// keeps its tensor: the old spelling is then one that nobody asks for.
func (w *Weights) rename() {
	for _, stored := range w.Names() {
		name := stored
		if stem, ok := strings.CutSuffix(stored, "gamma"); ok {
			name = stem + "weight"
		} else if stem, ok := strings.CutSuffix(stored, "beta"); ok {
			name = stem + "bias"
		}
		if _, taken := w.places[name]; !taken {
			w.places[name] = w.places[stored]
			delete(w.places, stored)
		}
	}
}

// Lookup returns the tensor of that name (as PyTorch spells it), and whether there is one.
// The error is that of opening its shard.
func (w *Weights) Lookup(name string) (safetensors.Tensor, bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	p, ok := w.places[name]
	if !ok {
		return safetensors.Tensor{}, false, nil
	}
	w.asked[name] = true
	f, err := w.shard(p.shard)
	if err != nil {
		return safetensors.Tensor{}, false, err
	}
	t, ok := f.Tensor(p.stored)
	if !ok {
		return safetensors.Tensor{}, false, fmt.Errorf("checkpoint: %s: %s: tensor %q is said to be in %s, which lacks it",
			w.folder, w.index, p.stored, p.shard)
	}
	t.Name = name
	return t, true, nil
}

// Names returns all names, sorted, as Lookup wants them.
func (w *Weights) Names() []string {
	names := make([]string, 0, len(w.places))
	for name := range w.places {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Unused returns the names that were never looked up, sorted, without the
// position ids that old files carry: those are the numbers from 0 on.
func (w *Weights) Unused() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.DeleteFunc(w.Names(), func(name string) bool {
		return w.asked[name] || name == "position_ids" || strings.HasSuffix(name, ".position_ids")
	})
}

// Folder returns the folder's name, for messages.
func (w *Weights) Folder() string { return w.folder }

// Close unmaps all files.
func (w *Weights) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	var errs []error
	for _, f := range w.shards {
		errs = append(errs, f.Close())
	}
	w.shards, w.places = map[string]file{}, map[string]place{}
	return errors.Join(errs...)
}

// shard opens a file of the folder, once.
func (w *Weights) shard(name string) (file, error) {
	if f := w.shards[name]; f != nil {
		return f, nil
	}
	f, err := w.reader(w.fsys, name)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %s: %w", filepath.ToSlash(w.folder), err)
	}
	w.shards[name] = f
	return f, nil
}
