package pytorch

import (
	"archive/zip"
	"bytes"
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// An archive of torch.save (1.6 and later) holds NAME/data.pkl, the storages
// NAME/data/KEY, and NAME/byteorder since 2.1, all stored without compression. They
// are read where they lie.
type archive struct {
	entries map[string][]byte // by path
	prefix  string            // NAME/
}

func readArchive(data []byte) (*dict, error) {
	a, err := openArchive(data)
	if err != nil {
		return nil, err
	}
	if order := a.entries[a.prefix+"byteorder"]; order != nil && string(order) != "little" {
		return nil, &Error{Place: "entry byteorder", Fault: fmt.Sprintf("the file was saved by a machine of byte order %.8q, want \"little\"", order)}
	}
	m := machine{code: a.entries[a.prefix+"data.pkl"], place: "data.pkl", storages: map[string]*storage{}, load: func(s *storage, size int) error {
		body, ok := a.entries[a.prefix+"data/"+s.key]
		switch {
		case !ok:
			return fmt.Errorf("the archive has no entry %.200sdata/%s", a.prefix, s.key)
		case len(body) != size:
			return fmt.Errorf("entry %.200sdata/%s has %d bytes, want %d", a.prefix, s.key, len(body), size)
		}
		s.data = body
		return nil
	}}
	return m.stateDict()
}

func fault(place, format string, args ...any) error {
	return &Error{Place: place, Fault: fmt.Sprintf(format, args...)}
}

// openArchive checks the directory: no name twice or outside of the archive, no
// entry compressed, none over another.
func openArchive(data []byte) (*archive, error) {
	const place = "archive"
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, &Error{Place: place, Fault: "the zip archive is damaged or cut short", Err: err}
	}
	a := &archive{entries: make(map[string][]byte, len(z.File))}
	type extent struct {
		start, end int64
		name       string
	}
	var extents []extent
	for _, f := range z.File {
		entry := fmt.Sprintf("archive entry %.200q", f.Name)
		if !filepath.IsLocal(f.Name) || strings.ContainsAny(f.Name, "\\\x00") {
			return nil, fault(entry, "its path leaves the archive")
		}
		if strings.HasSuffix(f.Name, "/") {
			continue
		}
		if _, twice := a.entries[f.Name]; twice {
			return nil, fault(entry, "occurs twice")
		}
		if f.Method != zip.Store || f.Flags&1 != 0 {
			return nil, fault(entry, "is compressed or encrypted, want it stored, as torch.save does: unpack the archive and pack it with zip -0, or save it again")
		}
		start, err := f.DataOffset()
		if err != nil {
			return nil, &Error{Place: entry, Fault: "its header is damaged", Err: err}
		}
		size := int64(len(data))
		if f.CompressedSize64 != f.UncompressedSize64 || start < 0 || start > size || f.UncompressedSize64 > uint64(size-start) {
			return nil, fault(entry, "%d bytes stored for %d from byte %d on, the archive has %d", f.CompressedSize64, f.UncompressedSize64, start, size)
		}
		end := start + int64(f.UncompressedSize64)
		a.entries[f.Name] = data[start:end:end]
		extents = append(extents, extent{start, end, f.Name})
		if name, ok := strings.CutSuffix(f.Name, "data.pkl"); ok && strings.Count(f.Name, "/") == 1 && strings.HasSuffix(name, "/") {
			if a.prefix != "" {
				return nil, fault(place, "%.200q and %.200q: want one pickle", a.prefix+"data.pkl", f.Name)
			}
			a.prefix = name
		}
	}
	slices.SortFunc(extents, func(a, b extent) int { return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.end, b.end)) })
	for i := 1; i < len(extents); i++ {
		if before, e := extents[i-1], extents[i]; e.start < before.end {
			return nil, fault(place, "entries %.200q and %.200q lie over each other", before.name, e.name)
		}
	}
	switch _, script := a.entries[a.prefix+"constants.pkl"]; {
	case a.prefix == "":
		return nil, fault(place, "a zip archive of %d entries without NAME/data.pkl, want one of torch.save", len(a.entries))
	case script:
		return nil, fault(place, "a TorchScript program, want a state dict as torch.save writes it")
	}
	return a, nil
}
