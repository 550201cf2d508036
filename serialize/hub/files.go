package hub

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/vkdual/vkdual/serialize/checkpoint"
)

// A selection is what a model needs of a repository: all of it small, but for the weights.
type selection struct {
	small   []string // configurations, vocabularies; the index where there is one
	weights []string // empty where index is not
	index   string
}

// choose picks from the files of a repository.
func choose(files []string) (selection, error) {
	var s selection
	for _, form := range checkpoint.Files() { // the first that is there is what would be read
		if !slices.Contains(files, form) {
			continue
		}
		if strings.HasSuffix(form, ".index.json") {
			s.index, s.small = form, append(s.small, form)
		} else {
			s.weights = append(s.weights, form)
		}
		break
	}
	if s.index == "" && s.weights == nil {
		return s, fmt.Errorf("no weights: want one of %s", strings.Join(checkpoint.Files(), ", "))
	}
	if !slices.Contains(files, "config.json") {
		return s, fmt.Errorf("no config.json")
	}
	for _, f := range files {
		if path.Dir(f) != "." || strings.HasSuffix(f, ".index.json") || !fs.ValidPath(f) || strings.ContainsAny(f, `\:`) {
			continue // subfolders hold other forms, such as ONNX
		}
		switch path.Ext(f) {
		case ".json", ".txt", ".model":
			s.small = append(s.small, f)
		}
	}
	return s, nil
}

// shards are the files that an index names, which must be of the repository.
func shards(folder, index string, files []string) ([]string, error) {
	names, err := checkpoint.Shards(os.DirFS(folder), index)
	if err != nil {
		return nil, err
	}
	have := map[string]bool{}
	for _, f := range files {
		have[f] = true
	}
	for _, n := range names {
		if !have[n] {
			return nil, fmt.Errorf("%s: it names %q, which the repository lacks", index, n)
		}
	}
	return names, nil
}
