package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/vkdual/vkdual/serialize/npy"
)

// embeddings writes one after the other in some format. close ends the format,
// after any number of them.
type embeddings interface {
	write(kind, source string, embedding []float32) error
	close() error
}

func newEmbeddings(format string, out *output, dim int) (embeddings, error) {
	switch format {
	case "npy":
		return newNPY(out, dim)
	case "table":
		return &tableEmbeddings{out}, nil
	default:
		return &jsonEmbeddings{out: out}, nil
	}
}

// jsonEmbeddings is JSON Lines.
type jsonEmbeddings struct {
	out  *output
	line []byte
}

func (w *jsonEmbeddings) write(kind, source string, embedding []float32) error {
	b := append(w.line[:0], `{"kind":"`...)
	b = append(b, kind...)
	b = append(b, `","source":`...)
	b = append(b, jsonString(source)...)
	b = append(b, `,"embedding":`...)
	w.line = append(appendFloats(b, embedding), "}\n"...)
	_, err := w.out.Write(w.line)
	return errors.Join(err, w.out.offer())
}

func (w *jsonEmbeddings) close() error { return nil }

// tableEmbeddings shows the beginning of each, for people.
type tableEmbeddings struct{ out *output }

func (w *tableEmbeddings) write(kind, source string, embedding []float32) error {
	const shown = 4
	text := ""
	for _, v := range embedding[:min(shown, len(embedding))] {
		text += fmt.Sprintf(" %8.5f", v)
	}
	if kind == "text" {
		source = strconv.Quote(source)
	}
	_, err := fmt.Fprintf(w.out, "%-5s %s … %d numbers  %s\n", kind, text, len(embedding), source)
	return errors.Join(err, w.out.offer())
}

func (w *tableEmbeddings) close() error { return nil }

// npyEmbeddings is a float32 matrix [inputs, dim]. Its head tells their number,
// so that a pipe gets it from a temporary file.
type npyEmbeddings struct {
	*npy.Writer
	out  *output
	temp *os.File // nil: written in place
}

func newNPY(out *output, dim int) (*npyEmbeddings, error) {
	w := &npyEmbeddings{out: out}
	to := out.seekable()
	var err error
	if to == nil {
		if w.temp, err = os.CreateTemp("", "vkdual-*.npy"); err != nil {
			return nil, err
		}
		to = w.temp
	}
	w.Writer, err = npy.NewWriter(to, dim)
	return w, err
}

func (w *npyEmbeddings) write(_, _ string, embedding []float32) error { return w.Write(embedding) }

func (w *npyEmbeddings) close() error {
	err := w.Writer.Close()
	if w.temp == nil {
		return err
	}
	defer os.Remove(w.temp.Name())
	defer w.temp.Close()
	if err != nil {
		return err
	}
	if _, err := w.temp.Seek(0, io.SeekStart); err != nil {
		return err
	}
	_, err = io.Copy(w.out, w.temp)
	return err
}
