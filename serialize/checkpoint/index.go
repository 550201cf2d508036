package checkpoint

import (
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/vkdual/vkdual/serialize/internal/strictjson"
)

// maxIndex bounds the memory that an index can claim; a real one takes some 100
// bytes a tensor.
const maxIndex = 100_000_000

// readIndex enters the tensors by the names that rename makes of those in the index.
func (w *Weights) readIndex(rename func(string) string) error {
	table, err := loadIndex(w.fsys, w.index)
	if err != nil {
		return fmt.Errorf("checkpoint: %s: %w", w.folder, err)
	}
	checked, stored := map[string]bool{}, map[string]string{}
	for _, indexed := range slices.Sorted(maps.Keys(table)) {
		name, shard := indexed, table[indexed]
		if rename != nil {
			name = rename(indexed)
		}
		if other, twice := stored[name]; twice {
			return fmt.Errorf("checkpoint: %s: %s: %q and %q both are PyTorch's %q", w.folder, w.index, other, indexed, name)
		}
		stored[name], w.places[name] = indexed, place{shard, name}
		if checked[shard] {
			continue
		}
		checked[shard] = true
		if _, err := fs.Stat(w.fsys, shard); err != nil {
			return fmt.Errorf("checkpoint: %s: %s: tensor %q: shard: %w", w.folder, w.index, name, err)
		}
	}
	return nil
}

// Shards returns the files that an index names, sorted. All are in its folder.
func Shards(fsys fs.FS, index string) ([]string, error) {
	table, err := loadIndex(fsys, index)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	return slices.Compact(slices.Sorted(maps.Values(table))), nil
}

// loadIndex returns which shard holds which tensor.
func loadIndex(fsys fs.FS, file string) (map[string]string, error) {
	f, err := fsys.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxIndex+1))
	if err == nil && len(data) > maxIndex {
		err = fmt.Errorf("longer than %d bytes", maxIndex)
	}
	var table map[string]string
	if err == nil {
		table, err = parseIndex(data)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return table, nil
}

// parseIndex reads an index, of any form of weights.
func parseIndex(data []byte) (map[string]string, error) {
	var table map[string]string
	err := strictjson.Object(data, func(key string, value json.RawMessage) error {
		if key != "weight_map" {
			return nil // metadata: sizes, which nothing needs
		}
		table = map[string]string{}
		err := strictjson.Object(value, func(name string, value json.RawMessage) error {
			var shard *string
			if err := json.Unmarshal(value, &shard); err != nil || shard == nil {
				return fmt.Errorf("tensor %q: want a file name, found %s", name, strictjson.Clip(value))
			}
			if !inside(*shard) {
				return fmt.Errorf("tensor %q: shard %q: want a file in the checkpoint's folder", name, *shard)
			}
			table[name] = *shard
			return nil
		})
		if err != nil {
			return fmt.Errorf("weight_map: %w", err)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(table) == 0 {
		return nil, fmt.Errorf("weight_map: missing or empty: want tensor names with their files")
	}
	return table, nil
}

// inside reports whether a shard's path stays in the folder on every system:
// neither absolute nor with "..", and with nothing that Windows reads
// as a separator, a drive or a stream.
func inside(path string) bool {
	return fs.ValidPath(path) && path != "." && !strings.ContainsAny(path, "\\:\x00")
}
