package main

import (
	"context"
	"fmt"
	"os"
	"sync"

	"github.com/vkdual/vkdual/serialize/hub"
)

type pullCmd struct {
	Name     string `arg:"" name:"org/name" help:"The repository's name on the hub."`
	Revision string `placeholder:"REV" default:"main" help:"A branch, a tag or a commit (${default})."`
}

func (pullCmd) Help() string {
	return "Fetches configuration, vocabulary, processor and one form of weights into the cache that Python's huggingface_hub uses, so that both share the files. " +
		"What is there is not fetched again, what was cut off goes on, and every file is held against its hash. The folder is printed.\n\n" +
		"HF_ENDPOINT, HF_TOKEN, HF_HOME, HF_HUB_CACHE, HF_HUB_OFFLINE and HF_HUB_DOWNLOAD_TIMEOUT mean what they mean there. " +
		"No other command ever uses the network for a model.\n\n" + examples(
		"vkdual pull clip-italian/clip-italian", "once",
		"vkdual embed --model clip-italian/clip-italian --image photos/", "then by its name, without a network",
		"HF_ENDPOINT=http://mirror.example vkdual pull ORG/NAME --revision v1.0", "from another hub",
	)
}

func (p pullCmd) Run(ctx context.Context, c *console) error {
	repo, err := hub.ParseRepo(p.Name)
	if err != nil {
		return usagef("%v", err)
	}
	client := hub.Client{Settings: hub.FromEnvironment(os.Getenv), Version: version(), Log: c.note}
	t := transfers{c: c, files: map[string]int64{}}
	client.Progress = t.progress
	defer c.done()
	folder, err := client.Pull(ctx, repo, p.Revision)
	if err != nil {
		return err
	}
	c.done()
	c.note("%s: %d files, %.1f MB", repo, len(t.files), float64(t.total)/1e6)
	_, err = fmt.Fprintln(c.out, folder)
	return err
}

// transfers are the files on their way, drawn as one bar of bytes.
type transfers struct {
	c *console

	mu          sync.Mutex
	files       map[string]int64 // bytes that are there
	come, total int64
}

func (t *transfers) progress(file string, done, total int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	before, known := t.files[file]
	if !known {
		t.total += total
	}
	t.come += done - before
	t.files[file] = done
	t.c.bytes("pulling", t.come, t.total)
}
