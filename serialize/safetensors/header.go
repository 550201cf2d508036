package safetensors

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"sort"
	"strconv"

	"github.com/vkdual/vkdual/serialize/internal/strictjson"
)

const (
	lengthBytes = 8
	// maxHeader is the limit of the format's own library. A real header takes
	// some 100 bytes a tensor.
	maxHeader   = 100_000_000
	metadataKey = "__metadata__"
	lfsPointer  = "version https://git-lfs."
)

// entry is a header's line about one tensor.
type entry struct {
	Tensor
	start, end uint64 // into the data section
}

func (f *File) fault(place, format string, args ...any) error {
	return &Error{File: f.name, Place: place, Fault: fmt.Sprintf(format, args...)}
}

func (f *File) parse() error {
	header, data, err := f.split()
	if err != nil {
		return err
	}
	var entries []entry
	err = strictjson.Object(header, func(key string, value json.RawMessage) error {
		if key == metadataKey {
			return f.parseMetadata(value)
		}
		e, err := f.parseEntry(key, value)
		entries = append(entries, e)
		return err
	})
	var known *Error
	if errors.As(err, &known) {
		return known
	}
	if err != nil {
		return &Error{File: f.name, Place: "header", Fault: "not the object of tensors that the format wants", Err: err}
	}
	return f.place(entries, data)
}

// split checks the length that the file states, and returns header and data.
func (f *File) split() (header, data []byte, err error) {
	const place = "header length"
	switch {
	case len(f.data) == 0:
		return nil, nil, f.fault(place, "the file is empty")
	case len(f.data) < lengthBytes:
		return nil, nil, f.fault(place, "the file has %d bytes, the length alone takes %d", len(f.data), lengthBytes)
	case bytes.HasPrefix(f.data, []byte(lfsPointer)):
		return nil, nil, f.fault(place, "this is a Git LFS pointer in place of the file: fetch it with \"git lfs pull\"")
	}
	n, rest := binary.LittleEndian.Uint64(f.data), f.data[lengthBytes:]
	switch {
	case n > maxHeader:
		return nil, nil, f.fault(place, "%d bytes stated, at most %d are legal: not a safetensors file, or a damaged one", n, maxHeader)
	case n > uint64(len(rest)):
		return nil, nil, f.fault(place, "%d bytes stated, %d follow: the file is truncated, or no safetensors file", n, len(rest))
	case n == 0 || rest[0] != '{':
		return nil, nil, f.fault("header", "want a JSON object at byte %d, found %s", lengthBytes, strictjson.Clip(rest[:n]))
	}
	return rest[:n], rest[n:], nil
}

func (f *File) parseMetadata(value json.RawMessage) error {
	f.metadata = make(map[string]string)
	if string(value) == "null" {
		return nil
	}
	err := strictjson.Object(value, func(key string, value json.RawMessage) error {
		var text *string
		if err := json.Unmarshal(value, &text); err != nil || text == nil {
			return fmt.Errorf("key %q: want a string, found %s", key, strictjson.Clip(value))
		}
		f.metadata[key] = *text
		return nil
	})
	if err != nil {
		return &Error{File: f.name, Place: "header", Fault: metadataKey, Err: err}
	}
	return nil
}

// parseEntry reads one tensor's type, shape and offsets. Fields that the format does not
// know are passed over, as its own library does.
func (f *File) parseEntry(name string, value json.RawMessage) (entry, error) {
	e := entry{Tensor: Tensor{Name: name}}
	var hasShape, hasOffsets bool
	err := strictjson.Object(value, func(key string, value json.RawMessage) error {
		switch key {
		case "dtype":
			if err := json.Unmarshal(value, &e.DType); err != nil || e.DType.Bits() == 0 {
				return fmt.Errorf("dtype %s is none of the format's", strictjson.Clip(value))
			}
		case "shape":
			hasShape = true
			dims, err := numbers(value)
			if err != nil {
				return fmt.Errorf("shape: %w", err)
			}
			e.Shape = make([]int, len(dims))
			for i, d := range dims {
				if d > math.MaxInt {
					return fmt.Errorf("shape: dimension %d is %d, more than this machine can count", i, d)
				}
				e.Shape[i] = int(d)
			}
		case "data_offsets":
			hasOffsets = true
			o, err := numbers(value)
			if err != nil {
				return fmt.Errorf("data_offsets: %w", err)
			}
			if len(o) != 2 {
				return fmt.Errorf("data_offsets: want [start, end], found %s", strictjson.Clip(value))
			}
			e.start, e.end = o[0], o[1]
		}
		return nil
	})
	if err == nil {
		switch {
		case e.DType == "":
			err = errors.New("no dtype")
		case !hasShape:
			err = errors.New("no shape")
		case !hasOffsets:
			err = errors.New("no data_offsets")
		}
	}
	if err != nil {
		return e, &Error{File: f.name, Place: e.where(), Fault: "want dtype, shape and data_offsets", Err: err}
	}
	return e, nil
}

// numbers reads a JSON array of whole numbers that are not negative.
func numbers(value json.RawMessage) ([]uint64, error) {
	var texts []json.Number
	if len(value) == 0 || value[0] != '[' {
		return nil, fmt.Errorf("want an array, found %s", strictjson.Clip(value))
	}
	if bytes.IndexByte(value, '"') >= 0 { // json.Number would take a string, too
		return nil, fmt.Errorf("want numbers, found %s", strictjson.Clip(value))
	}
	if err := json.Unmarshal(value, &texts); err != nil {
		return nil, fmt.Errorf("want an array of numbers, found %s", strictjson.Clip(value))
	}
	out := make([]uint64, len(texts))
	for i, text := range texts {
		n, err := strconv.ParseUint(string(text), 10, 64)
		if err != nil {
			return nil, fmt.Errorf("want whole numbers from 0 to 2^64-1, found %s", strictjson.Clip([]byte(text)))
		}
		out[i] = n
	}
	return out, nil
}

// place checks that the tensors fill the data section from its first byte to its
// last, in some order, none longer or shorter than its shape says.
func (f *File) place(entries []entry, data []byte) error {
	sort.SliceStable(entries, func(i, j int) bool {
		a, b := &entries[i], &entries[j]
		if a.start != b.start {
			return a.start < b.start
		}
		return a.end < b.end // an empty tensor goes before the one that starts where it does
	})
	f.tensors = make([]Tensor, len(entries))
	f.index = make(map[string]int, len(entries))
	// What one line says by itself comes first, then overlaps: a line that lies
	// leaves gaps elsewhere, which would be blamed on their neighbours.
	for i := range entries {
		if err := f.fits(&entries[i], uint64(len(data))); err != nil {
			return err
		}
	}
	at, before, gap := uint64(0), "the start of the data", error(nil)
	for i := range entries {
		e := &entries[i]
		switch {
		case e.start < at:
			return f.fault(e.where(), "offsets [%d %d] overlap %s, which ends at %d", e.start, e.end, before, at)
		case e.start > at && gap == nil:
			gap = f.fault(e.where(), "offsets [%d %d] leave a gap: %s ends at %d", e.start, e.end, before, at)
		}
		e.Data = data[e.start:e.end:e.end]
		f.tensors[i], f.index[e.Name] = e.Tensor, i
		at, before = e.end, fmt.Sprintf("tensor %q", e.Name)
	}
	if gap != nil {
		return gap
	}
	if rest := uint64(len(data)) - at; rest != 0 {
		return f.fault("data", "%d bytes follow the last tensor, which ends at %d of %d", rest, at, len(data))
	}
	return nil
}

func (e *entry) where() string { return fmt.Sprintf("header: tensor %q", e.Name) }

// fits holds a tensor's offsets against its shape and the size of the data.
func (f *File) fits(e *entry, size uint64) error {
	n, ok := count(e.Shape)
	want, whole := e.DType.size(n)
	switch {
	case e.end < e.start:
		return f.fault(e.where(), "offsets [%d %d] run backwards", e.start, e.end)
	case !ok || !whole:
		return f.fault(e.where(), "shape %v of %s is no whole number of bytes that a file can have", e.Shape, e.DType)
	case want != e.end-e.start:
		return f.fault(e.where(), "shape %v of %s takes %d bytes, offsets [%d %d] hold %d", e.Shape, e.DType, want, e.start, e.end, e.end-e.start)
	case e.end > size:
		return f.fault(e.where(), "offsets [%d %d] end past the data's %d bytes: the header is wrong, or the file truncated", e.start, e.end, size)
	}
	return nil
}
