// Package npy writes matrices of float32 in NumPy's .npy format, version 1.0
// (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html), row
// by row, their number not known beforehand.
//
// A [Writer] belongs to one goroutine.
package npy

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"strings"
)

// headerBytes leaves room for any shape, and starts the data at a multiple of 64.
const headerBytes = 128

// Writer writes one matrix.
type Writer struct {
	to         io.WriteSeeker
	buffered   *bufio.Writer
	rows, cols int
	row        []byte
	err        error // the first one; it stays
}

// NewWriter starts a matrix of cols columns on w, which must be empty and at its
// start. Until Close (or Flush) the file reads as one of no rows.
func NewWriter(w io.WriteSeeker, cols int) (*Writer, error) {
	if cols < 0 {
		return nil, fmt.Errorf("npy: %d columns", cols)
	}
	out := &Writer{to: w, buffered: bufio.NewWriterSize(w, 1<<16), cols: cols, row: make([]byte, 0, 4*cols)}
	_, err := out.buffered.Write(header(0, cols))
	if err != nil {
		return nil, fmt.Errorf("npy: header: %w", err)
	}
	return out, nil
}

// Write appends a row.
func (w *Writer) Write(row []float32) error {
	if w.err != nil {
		return w.err
	}
	if len(row) != w.cols {
		return fmt.Errorf("npy: row %d: %d numbers, want %d", w.rows, len(row), w.cols)
	}
	w.row = w.row[:0]
	for _, v := range row {
		w.row = binary.LittleEndian.AppendUint32(w.row, math.Float32bits(v))
	}
	if _, err := w.buffered.Write(w.row); err != nil {
		w.err = fmt.Errorf("npy: row %d: %w", w.rows, err)
		return w.err
	}
	w.rows++
	return nil
}

// Flush writes what is buffered and brings the header's row count up to date.
func (w *Writer) Flush() error {
	if w.err == nil {
		w.err = w.flush()
	}
	return w.err
}

func (w *Writer) flush() error {
	if err := w.buffered.Flush(); err != nil {
		return fmt.Errorf("npy: %w", err)
	}
	if _, err := w.to.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("npy: header: %w", err)
	}
	if _, err := w.to.Write(header(w.rows, w.cols)); err != nil {
		return fmt.Errorf("npy: header: %w", err)
	}
	if _, err := w.to.Seek(0, io.SeekEnd); err != nil {
		return fmt.Errorf("npy: %w", err)
	}
	return nil
}

// Close flushes. The file below stays open: it is the caller's.
func (w *Writer) Close() error { return w.Flush() }

func header(rows, cols int) []byte {
	const magic = "\x93NUMPY\x01\x00"
	text := fmt.Sprintf("{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }", rows, cols)
	text += strings.Repeat(" ", headerBytes-len(magic)-2-len(text)-1) + "\n"
	out := binary.LittleEndian.AppendUint16([]byte(magic), uint16(len(text)))
	return append(out, text...)
}
