package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/vkdual/vkdual/dualencoder"
	"github.com/vkdual/vkdual/dualencoder/defaultmodel"
	"github.com/vkdual/vkdual/serialize/checkpoint"
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
	return folderOf("--model", f.Model, f.Revision)
}

// folderOf is the folder that a flag names, or that of a pulled model.
func folderOf(flag, model, revision string) (fs.FS, string, error) {
	info, err := os.Stat(model)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return pulled(flag, model, revision, err)
	case err != nil:
		return nil, "", fmt.Errorf("%s %s: %s", flag, model, reason(err))
	case revision != "":
		return nil, "", usagef("--revision %s: %s %s is a folder here, not the name of a pulled model", revision, flag, model)
	case !info.IsDir():
		return nil, "", fmt.Errorf("%s %s: a file, want the folder of a checkpoint", flag, model)
	}
	return os.DirFS(model), model, nil
}

// pulled is the folder of a model of that name in the cache of the hub's models,
// where there is no such folder here.
func pulled(flag, model, revision string, absent error) (fs.FS, string, error) {
	repo, err := hub.ParseRepo(model)
	if err != nil {
		return nil, "", fmt.Errorf("%s %s: %s", flag, model, reason(absent))
	}
	pull := "vkdual pull " + model
	if revision != "" {
		pull += " --revision " + revision
	}
	folder, err := hub.FromEnvironment(os.Getenv).Cache.Find(repo, revision)
	var missing *hub.NotCachedError
	if errors.As(err, &missing) {
		return nil, "", fmt.Errorf("%s %s: no such folder, and no such model in %s: \"%s\" would fetch it from a hub", flag, model, missing.Cache, pull)
	}
	if err != nil {
		return nil, "", fmt.Errorf("%s %s: %w", flag, model, err)
	}
	files, name := os.DirFS(folder), model
	if !whole(files) { // Python fetches files one by one: a configuration, a tokenizer
		name += fmt.Sprintf(" (of which not all is in the cache: %q would fetch the rest)", pull)
	}
	return files, name, nil
}

// whole reports whether a pulled folder has the weights that would be read.
func whole(files fs.FS) bool {
	has := func(file string) bool {
		_, err := fs.Stat(files, file)
		return err == nil
	}
	i := slices.IndexFunc(checkpoint.Files(), has)
	if i < 0 {
		return false
	}
	file := checkpoint.Files()[i]
	if !strings.HasSuffix(file, ".index.json") {
		return true
	}
	shards, err := checkpoint.Shards(files, file)
	return err != nil || !slices.ContainsFunc(shards, func(s string) bool { return !has(s) }) // a bad index is told when it is read
}

// processor is the model's tokenizer and image processor, without the model.
func (f folderFlag) processor(c *console) (*dualencoder.Processor, error) {
	files, name, err := f.folder(c)
	if err != nil {
		return nil, err
	}
	return dualencoder.NewProcessor(files, name), nil
}
