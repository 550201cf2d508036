package dualencoder

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/vkdual/vkdual/dualencoder/config"
	"github.com/vkdual/vkdual/dualencoder/imageprocessor"
	"github.com/vkdual/vkdual/dualencoder/tokenizer"
	"github.com/vkdual/vkdual/dualencoder/weights"
	"github.com/vkdual/vkdual/serialize/checkpoint"
)

// Convert reads the model at the root of fsys, in whatever form it is, and
// writes it into the folder to as transformers 4.37.2 saves it: the tensors of
// its class under their names, as safetensors, config.json and the files of
// tokenizer and image processor. name is for messages. Tensors are read where they lie and written one after the other; when
// ctx ends, nothing is left of the folder.
func Convert(ctx context.Context, fsys fs.FS, name, to string, opt SaveOptions) error {
	cfg, err := config.Load(fsys, name)
	if err != nil {
		return err
	}
	ckpt, err := checkpoint.OpenFS(fsys, name)
	if err != nil {
		return err
	}
	idle := func(name string, shape []int) (weights.Stored, bool) {
		return start(cfg, name, shape).Draw(0, name, shape), true
	}
	all, err := parameters(cfg, stored{ckpt}, weights.Options{Strict: opt.Strict, Log: opt.Log, DrawIdle: idle, Note: func(name string) string {
		if !isPooler(name) {
			return ""
		}
		return "the checkpoint was saved without a pooler, so its embeddings mean nothing until one is trained"
	}})
	if err != nil {
		return errors.Join(fmt.Errorf("dualencoder: convert %s: %w", name, err), ckpt.Close())
	}
	err = save(ctx, to, opt, func(s saving) error {
		if err := s.model(cfg, all, ckpt.Lookup); err != nil {
			return err
		}
		_, err := s.copy(fsys, append(tokenizer.Files(), imageprocessor.ConfigName))
		return err
	})
	return errors.Join(err, ckpt.Close())
}
