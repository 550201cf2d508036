package pillow

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
)

// DefaultMaxPixels is where Pillow refuses a picture as a decompression bomb:
// twice PIL.Image.MAX_IMAGE_PIXELS, from which on it only warns.
const DefaultMaxPixels = 2 * (1024 * 1024 * 1024 / 4 / 3)

// DecodeOptions are the switches of decoding. The zero value decodes as the
// reference does: Pillow's limit, and the orientation tag not applied.
type DecodeOptions struct {
	MaxPixels int  // most pixels a picture may declare; 0 is DefaultMaxPixels
	ApplyEXIF bool // turn the picture upright as its EXIF orientation says

	// AllowTruncated reads what there is of a JPEG (Huffman coded), PNG, GIF, uncompressed BMP
	// or uncompressed TIFF that ends too early, as Pillow does with
	// LOAD_TRUNCATED_IMAGES: the rest is grey (JPEG), black, or the colour with
	// index 0. Others are refused all the same, also as Pillow does.
	AllowTruncated bool
}

func (o DecodeOptions) maxPixels() int {
	if o.MaxPixels > 0 {
		return o.MaxPixels
	}
	return DefaultMaxPixels
}

// check refuses a declared size before anything is allocated for it.
func (o DecodeOptions) check(format string, width, height int) error {
	if width <= 0 || height <= 0 {
		return &DecodeError{Format: format, Reason: fmt.Sprintf("the header declares %d × %d pixels", width, height)}
	}
	// No side can exceed the limit either, which also keeps the product small.
	if m := o.maxPixels(); width > m || height > m/width {
		return &TooLargeError{Format: format, Width: width, Height: height, MaxPixels: m}
	}
	return nil
}

// format is one decodable file format.
type format struct {
	name   string
	match  func(head []byte) bool
	decode func(data []byte, o DecodeOptions) (Picture, error)
}

// formats lists what can be decoded. It is a function, not a variable: nothing
// may change it.
func formats() []format {
	prefix := func(magic ...string) func([]byte) bool {
		return func(head []byte) bool {
			for _, m := range magic {
				if bytes.HasPrefix(head, []byte(m)) {
					return true
				}
			}
			return false
		}
	}
	return []format{
		{"JPEG", prefix("\xff\xd8\xff"), decodeJPEG},
		{"PNG", prefix("\x89PNG\r\n\x1a\n"), rgb(decodePNG)},
		{"WebP", func(h []byte) bool {
			return len(h) >= 12 && string(h[:4]) == "RIFF" && string(h[8:12]) == "WEBP"
		}, rgb(decodeWebP)},
		{"GIF", prefix("GIF87a", "GIF89a"), rgb(decodeGIF)},
		{"BMP", prefix("BM"), rgb(decodeBMP)},
		{"TIFF", prefix("II*\x00", "MM\x00*"), rgb(decodeTIFF)},
	}
}

// rgb adapts a decoder that converts at once.
func rgb(decode func([]byte, DecodeOptions) (*RGB, error)) func([]byte, DecodeOptions) (Picture, error) {
	return func(data []byte, o DecodeOptions) (Picture, error) {
		m, err := decode(data, o)
		if err != nil {
			return nil, err
		}
		return m, nil
	}
}

// headSize is how many bytes decide the format.
const headSize = 12

// sniff finds the format by content.
func sniff(head []byte) (format, error) {
	if len(head) == 0 {
		return format{}, &DecodeError{Reason: "0 bytes, want a picture"}
	}
	names := ""
	for i, f := range formats() {
		if f.match(head) {
			return f, nil
		}
		if i > 0 {
			names += ", "
		}
		names += f.name
	}
	return format{}, &DecodeError{
		Reason: fmt.Sprintf("not a picture in a known format (%s): it starts with %q", names, head[:min(len(head), headSize)]),
	}
}

// Open decodes the picture in data. As RGB it is what Pillow's convert("RGB")
// gives: alpha is dropped, 16-bit colour keeps its high byte, 16-bit grey is
// clipped, and of an animation the first frame is taken. Errors are
// *DecodeError or *TooLargeError.
func Open(data []byte, o DecodeOptions) (Picture, error) {
	f, err := sniff(data)
	if err != nil {
		return nil, err
	}
	m, err := guard(f, data, o)
	if err != nil {
		return nil, typed(f.name, err)
	}
	if o.ApplyEXIF {
		if n := orientation(f.name, data); n != 1 {
			m = upright(ToRGB(m), n)
		}
	}
	return m, nil
}

// Decode is Open and ToRGB.
func Decode(data []byte, o DecodeOptions) (*RGB, error) {
	m, err := Open(data, o)
	if err != nil {
		return nil, err
	}
	return ToRGB(m), nil
}

// guard runs a decoder over bytes that may be hostile. A panic in a decoder,
// most of which are other people's, is that file's error and nobody else's.
func guard(f format, data []byte, o DecodeOptions) (m Picture, err error) {
	defer func() {
		if r := recover(); r != nil {
			m, err = nil, &DecodeError{Format: f.name, Reason: fmt.Sprintf("the decoder gave up: %v", r)}
		}
	}()
	return f.decode(data, o)
}

// typed makes sure that an error is one of the package's two.
func typed(name string, err error) error {
	var decode *DecodeError
	var large *TooLargeError
	if errors.As(err, &decode) || errors.As(err, &large) {
		return err
	}
	reason := "broken"
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		reason = "truncated"
	}
	return &DecodeError{Format: name, Reason: reason, Err: err}
}

// DecodeFile is OpenFile and ToRGB.
func DecodeFile(path string, o DecodeOptions) (*RGB, error) {
	m, err := OpenFile(path, o)
	if err != nil {
		return nil, err
	}
	return ToRGB(m), nil
}

// OpenFile reads and decodes one file. A file that is no picture is refused
// by its first bytes, before the rest is read. Errors are *DecodeError,
// *TooLargeError (both with the path) or what the file system said.
func OpenFile(path string, o DecodeOptions) (Picture, error) {
	m, err := openFile(path, o)
	var decode *DecodeError
	var large *TooLargeError
	switch {
	case errors.As(err, &decode):
		decode.Path = path
	case errors.As(err, &large):
		large.Path = path
	}
	return m, err
}

func openFile(path string, o DecodeOptions) (Picture, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("pillow: decode: %w", err)
	}
	defer file.Close()
	head := make([]byte, headSize)
	n, err := io.ReadFull(file, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return nil, fmt.Errorf("pillow: decode: %w", err)
	}
	f, err := sniff(head[:n])
	if err != nil {
		return nil, err
	}
	// No format here needs more than 8 bytes a pixel; the rest is metadata.
	limit := 8*int64(o.maxPixels()) + 64<<20
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("pillow: decode: %w", err)
	}
	if info.Size() > limit {
		return nil, &DecodeError{Format: f.name, Reason: fmt.Sprintf("a file of %d bytes; the limit at %d pixels is %d", info.Size(), o.maxPixels(), limit)}
	}
	var b bytes.Buffer
	b.Grow(int(info.Size()) + bytes.MinRead)
	b.Write(head[:n])
	if _, err := b.ReadFrom(io.LimitReader(file, limit)); err != nil {
		return nil, fmt.Errorf("pillow: decode %q: %w", path, err)
	}
	return Open(b.Bytes(), o)
}
