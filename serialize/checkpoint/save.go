package checkpoint

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/vkdual/vkdual/serialize/atomicfile"
	"github.com/vkdual/vkdual/serialize/safetensors"
)

const (
	single    = "model.safetensors"
	indexFile = "model.safetensors.index.json"
)

// DefaultShard is the largest size of a file that Save makes when nothing is said, as in transformers 4.37.2.
const DefaultShard = 5_000_000_000

// Save writes the tensors into the folder dir as save_pretrained does: one model.safetensors, or where they take more
// than maxShard bytes (0: DefaultShard) shards with an index. A shard is filled in the order of the tensors until the next one
// would make it larger; one that is larger alone gets a file of its own.
func Save(dir string, tensors []safetensors.Stream, maxShard int) error {
	if maxShard == 0 {
		maxShard = DefaultShard
	}
	shards, total, err := split(tensors, maxShard)
	if err != nil {
		return fmt.Errorf("checkpoint: %s: %w", dir, err)
	}
	index := struct {
		Metadata struct {
			TotalSize int `json:"total_size"`
		} `json:"metadata"`
		WeightMap map[string]string `json:"weight_map"`
	}{WeightMap: map[string]string{}}
	index.Metadata.TotalSize = total
	for i, shard := range shards {
		name := single
		if len(shards) > 1 {
			name = fmt.Sprintf("model-%05d-of-%05d.safetensors", i+1, len(shards))
		}
		err := atomicfile.Write(filepath.Join(dir, name), func(w io.Writer) error {
			return safetensors.WriteStreams(w, shard, map[string]string{"format": "pt"})
		})
		if err != nil {
			return fmt.Errorf("checkpoint: %s: %w", dir, err)
		}
		for _, t := range shard {
			index.WeightMap[t.Name] = name
		}
	}
	if len(shards) == 1 {
		return nil
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(index); err != nil {
		return fmt.Errorf("checkpoint: %s: %s: %w", dir, indexFile, err)
	}
	return atomicfile.Write(filepath.Join(dir, indexFile), func(w io.Writer) error {
		_, err := w.Write(out.Bytes())
		return err
	})
}

// split makes at least one shard.
func split(tensors []safetensors.Stream, most int) (shards [][]safetensors.Stream, total int, err error) {
	shards = [][]safetensors.Stream{nil}
	held := 0 // bytes of the last shard
	for _, t := range tensors {
		size, err := t.Size()
		if err != nil {
			return nil, 0, err
		}
		last := &shards[len(shards)-1]
		if len(*last) > 0 && held+size > most {
			shards, held = append(shards, nil), 0
			last = &shards[len(shards)-1]
		}
		*last = append(*last, t)
		held += size
		total += size
	}
	return shards, total, nil
}

var saved = regexp.MustCompile(`^model(-\d{5}-of-\d{5})?\.safetensors(\.index\.json)?$`)

// Saved reports whether a file of that name is of those that Save writes, and so
// would be read in place of, or beside, newer ones.
func Saved(name string) bool { return saved.MatchString(name) }

// ParseSize reads a size in bytes as transformers writes it: a whole number with KB, MB, GB (powers of 1000) or KiB,
// MiB, GiB (of 1024), or alone.
func ParseSize(s string) (int, error) {
	units := []struct {
		name string
		size int
	}{{"KIB", 1 << 10}, {"MIB", 1 << 20}, {"GIB", 1 << 30}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"", 1}}
	for _, u := range units {
		number, ok := strings.CutSuffix(strings.ToUpper(s), u.name)
		if !ok {
			continue
		}
		n, err := strconv.Atoi(strings.TrimSpace(number))
		if err != nil || n < 1 || n > math.MaxInt/u.size {
			break
		}
		return n * u.size, nil
	}
	return 0, fmt.Errorf("checkpoint: size %q: want a whole number of 1 or more with KB, MB, GB, KiB, MiB, GiB, or of bytes", s)
}
