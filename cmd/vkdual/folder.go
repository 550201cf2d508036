package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/vkdual/vkdual/dualencoder"
	"github.com/vkdual/vkdual/dualencoder/defaultmodel"
	"github.com/vkdual/vkdual/serialize/hub"
)

// folder is the model's files and its name for messages.
func (f folderFlag) folder(c *console) (fs.FS, string, error) {
	if f.Model == "" {
		if f.Revision != "" {
			return nil, "", usagef("--revision: of which --model?")
		}
		c.note("no --model: using %s, which comes with the program; %s", defaultmodel.Name, defaultmodel.Limits)
		return defaultmodel.FS(), defaultmodel.Name, nil
	}
	info, err := os.Stat(f.Model)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return f.pulled(err)
	case err != nil:
		return nil, "", fmt.Errorf("--model %s: %s", f.Model, reason(err))
	case f.Revision != "":
		return nil, "", usagef("--revision %s: --model %s is a folder here, not the name of a pulled model", f.Revision, f.Model)
	case !info.IsDir():
		return nil, "", fmt.Errorf("--model %s: a file, want the folder of a checkpoint", f.Model)
	}
	return os.DirFS(f.Model), f.Model, nil
}

// pulled is the folder of a model of that name in the cache of the hub's models,
// where there is no such folder here.
func (f folderFlag) pulled(absent error) (fs.FS, string, error) {
	repo, err := hub.ParseRepo(f.Model)
	if err != nil {
		return nil, "", fmt.Errorf("--model %s: %s", f.Model, reason(absent))
	}
	folder, err := hub.FromEnvironment(os.Getenv).Cache.Find(repo, f.Revision)
	var missing *hub.NotCachedError
	if errors.As(err, &missing) {
		pull := "vkdual pull " + f.Model
		if f.Revision != "" {
			pull += " --revision " + f.Revision
		}
		return nil, "", fmt.Errorf("--model %s: no such folder, and no such model in %s: \"%s\" would fetch it from a hub", f.Model, missing.Cache, pull)
	}
	if err != nil {
		return nil, "", fmt.Errorf("--model %s: %w", f.Model, err)
	}
	return os.DirFS(folder), f.Model, nil
}

// processor is the model's tokenizer and image processor, without the model.
func (f folderFlag) processor(c *console) (*dualencoder.Processor, error) {
	files, name, err := f.folder(c)
	if err != nil {
		return nil, err
	}
	return dualencoder.NewProcessor(files, name), nil
}
