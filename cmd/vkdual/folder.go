package main

import (
	"fmt"
	"io/fs"
	"os"

	"github.com/vkdual/vkdual/dualencoder"
	"github.com/vkdual/vkdual/dualencoder/defaultmodel"
)

// folder is the model's files and its name for messages.
func (f folderFlag) folder(c *console) (fs.FS, string, error) {
	if f.Model == "" {
		c.note("no --model: using %s, which comes with the program; %s", defaultmodel.Name, defaultmodel.Limits)
		return defaultmodel.FS(), defaultmodel.Name, nil
	}
	info, err := os.Stat(f.Model)
	if err != nil {
		return nil, "", fmt.Errorf("--model %s: %s", f.Model, reason(err))
	}
	if !info.IsDir() {
		return nil, "", fmt.Errorf("--model %s: a file, want the folder of a checkpoint", f.Model)
	}
	return os.DirFS(f.Model), f.Model, nil
}

// processor is the model's tokenizer and image processor, without the model.
func (f folderFlag) processor(c *console) (*dualencoder.Processor, error) {
	files, name, err := f.folder(c)
	if err != nil {
		return nil, err
	}
	return dualencoder.NewProcessor(files, name), nil
}
