package dualencoder

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"path/filepath"

	"github.com/vkdual/vkdual/dualencoder/config"
	"github.com/vkdual/vkdual/dualencoder/weights"
	"github.com/vkdual/vkdual/serialize/atomicfile"
	"github.com/vkdual/vkdual/serialize/checkpoint"
	"github.com/vkdual/vkdual/serialize/safetensors"
)

// SaveOptions say how a model is written. The zero value is transformers' way.
type SaveOptions struct {
	DType    safetensors.DType // of all floating-point tensors: F32, F16 or BF16; "": as they are stored, those of other types as F32
	MaxShard int               // bytes of a file; 0: checkpoint.DefaultShard

	// Overwrite lets the folder have files already: those of the same names are
	// replaced, other safetensors of a model removed.
	Overwrite bool

	Strict bool         // a stored tensor that nothing uses is an error, not a note
	Log    *slog.Logger // gets notes; nil: none
}

// A saving is a model on its way into a folder.
type saving struct {
	*atomicfile.Folder
	ctx context.Context // when it ends, so does the writing
	opt SaveOptions
}

// save makes the folder to and lets fill put files into it. It appears when it is whole.
func save(ctx context.Context, to string, opt SaveOptions, fill func(saving) error) error {
	switch opt.DType {
	case "", safetensors.F32, safetensors.F16, safetensors.BF16:
	default:
		return fmt.Errorf("dualencoder: save %s: dtype %s, want F32, F16 or BF16", to, opt.DType)
	}
	folder, err := atomicfile.CreateFolder(to, opt.Overwrite)
	if err != nil {
		return fmt.Errorf("dualencoder: save: %w", err)
	}
	if err := fill(saving{folder, ctx, opt}); err != nil {
		return errors.Join(err, folder.Discard())
	}
	if err := folder.Commit(checkpoint.Saved); err != nil {
		return fmt.Errorf("dualencoder: save: %w", err)
	}
	return nil
}

// model writes config.json and the weights. lookup finds the stored ones.
func (s saving) model(cfg *config.Config, parameters []weights.Parameter, lookup func(string) (safetensors.Tensor, bool, error)) error {
	var tensors []safetensors.Stream
	widest := safetensors.DType("")
	for _, p := range parameters {
		if p.Ints != nil {
			tensors = append(tensors, safetensors.FromInt64s(p.Name, p.Ints, p.Shape...).Stream())
			continue
		}
		t, stored, err := lookup(p.Name)
		if err != nil {
			return fmt.Errorf("dualencoder: %w", err)
		}
		to := s.opt.DType
		if to == "" {
			to = safetensors.F32
			if stored && (t.DType == safetensors.F16 || t.DType == safetensors.BF16) {
				to = t.DType
			}
		}
		out := safetensors.FloatStream(p.Name, to, p.Shape, p.From.Read)
		if stored && t.DType == to {
			out = t.Stream()
			out.Name, out.Shape = p.Name, p.Shape // logit_scale may be stored as (1)
		}
		tensors = append(tensors, s.interruptible(out))
		if widest == "" || to != widest {
			if widest != "" {
				to = safetensors.F32 // what holds them all
			}
			widest = to
		}
	}
	values := map[string]any{"torch_dtype": map[safetensors.DType]string{
		safetensors.F32: "float32", safetensors.F16: "float16", safetensors.BF16: "bfloat16",
	}[widest]}
	if cfg.Class == config.ModelType {
		values["architectures"] = []string{"VisionTextDualEncoderModel"}
	}
	text, err := cfg.EncodeWith(values)
	if err != nil {
		return err
	}
	if err := s.file(config.FileName, text); err != nil {
		return err
	}
	return checkpoint.Save(s.Path(), tensors, s.opt.MaxShard)
}

// interruptible is a tensor whose writing ends with the context.
func (s saving) interruptible(t safetensors.Stream) safetensors.Stream {
	write := t.Write
	t.Write = func(w io.Writer) error { return write(interruptible{s.ctx, w}) }
	return t
}

type interruptible struct {
	context.Context
	io.Writer
}

func (i interruptible) Write(p []byte) (int, error) {
	if err := i.Err(); err != nil {
		return 0, err
	}
	return i.Writer.Write(p)
}

func (s saving) file(name string, content []byte) error {
	return atomicfile.Write(filepath.Join(s.Path(), name), func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
}

// copy brings along those of the files that there are.
func (s saving) copy(from fs.FS, names []string) (copied int, err error) {
	for _, name := range names {
		f, err := from.Open(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			err = atomicfile.Write(filepath.Join(s.Path(), name), func(w io.Writer) error {
				_, err := io.Copy(w, f)
				return err
			})
			err = errors.Join(err, f.Close())
		}
		if err != nil {
			return copied, fmt.Errorf("dualencoder: copy %s: %w", name, err)
		}
		copied++
	}
	return copied, nil
}

// object writes a file of one JSON object.
func (s saving) object(name string, fields map[string]any) error {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(fields); err != nil {
		return fmt.Errorf("dualencoder: %s: %w", name, err)
	}
	return s.file(name, text.Bytes())
}

// readObject reads such a file; an absent one is empty.
func readObject(fsys fs.FS, name string) (map[string]any, error) {
	fields := map[string]any{}
	text, err := fs.ReadFile(fsys, name)
	if errors.Is(err, fs.ErrNotExist) {
		return fields, nil
	}
	if err == nil {
		d := json.NewDecoder(bytes.NewReader(text))
		d.UseNumber() // a number is written as it was read
		err = d.Decode(&fields)
	}
	if err == nil && fields == nil {
		err = errors.New("null")
	}
	if err != nil {
		return nil, fmt.Errorf("dualencoder: %s: want a JSON object: %w", name, err)
	}
	return fields, nil
}

func (s saving) note(format string, args ...any) {
	if s.opt.Log != nil {
		s.opt.Log.Warn(fmt.Sprintf(format, args...))
	}
}
