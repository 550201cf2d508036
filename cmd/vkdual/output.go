package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"os"
	"strconv"

	"github.com/vkdual/vkdual/serialize/atomicfile"
)

// An output is where a command's result goes: standard output, or a file that
// appears under its name when it is whole.
type output struct {
	*bufio.Writer
	file *atomicfile.File // nil: standard output
}

// create opens path for writing ("" and "-": standard output).
func (c *console) create(path string) (*output, error) {
	if path == "" || path == "-" {
		return &output{Writer: bufio.NewWriterSize(c.out, 1<<16)}, nil
	}
	f, err := atomicfile.Create(path)
	if err != nil {
		return nil, err
	}
	return &output{bufio.NewWriterSize(f, 1<<16), f}, nil
}

// offer hands on what is written so far where somebody may be waiting for it.
func (o *output) offer() error {
	if o.file != nil {
		return nil
	}
	return o.Flush()
}

// seekable is the file below where it can be written anywhere, else nil.
func (o *output) seekable() *os.File {
	if o.file == nil {
		return nil
	}
	if info, err := o.file.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil
	}
	return o.file.File
}

// commit writes what is buffered and puts the file in its place.
func (o *output) commit() error {
	err := o.Flush()
	if o.file == nil {
		return err
	}
	if err != nil {
		return errors.Join(err, o.file.Discard())
	}
	return o.file.Commit()
}

// discard leaves no file; after commit it does nothing.
func (o *output) discard() {
	if o.file != nil {
		_ = o.file.Discard() // it was not asked for
	}
}

// jsonLine writes v as one line.
func jsonLine(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// jsonString is s in JSON.
func jsonString(s string) []byte {
	var b appender
	_ = jsonLine(&b, s) // writing to memory
	return b[:len(b)-1]
}

type appender []byte

func (a *appender) Write(p []byte) (int, error) {
	*a = append(*a, p...)
	return len(p), nil
}

// appendFloats appends a JSON array; each number is the shortest that reads
// back as the same float32. All are finite.
func appendFloats(b []byte, values []float32) []byte {
	b = append(b, '[')
	for i, v := range values {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendFloat(b, float64(v), 'g', -1, 32)
	}
	return append(b, ']')
}
