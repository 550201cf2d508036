package imageprocessor

import (
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"io/fs"
	"os"

	"github.com/vkdual/vkdual/dualencoder/imageprocessor/pillow"
)

// ConfigName is the file that Open reads.
const ConfigName = "preprocessor_config.json"

// Channels is the number of planes of every result: red, green, blue.
const Channels = 3

// Processor turns pictures into pixel values by one configuration.
type Processor struct {
	recipe recipe
	values *[3][256]float32
	size   dims
}

// Pixels is a float32 tensor [C,H,W], row-major.
type Pixels struct {
	C, H, W int
	Data    []float32
}

// Open reads preprocessor_config.json in a checkpoint's folder. Errors are
// *ConfigError, or the file system's where the file cannot be read.
func Open(dir string) (*Processor, error) { return OpenFS(os.DirFS(dir)) }

// OpenFS is Open at the root of a file system.
func OpenFS(fsys fs.FS) (*Processor, error) {
	data, err := fs.ReadFile(fsys, ConfigName)
	if err != nil {
		return nil, fmt.Errorf("imageprocessor: %w", err)
	}
	// The oldest files do not name their class: then the model does.
	f, err := readFields(ConfigName, data)
	if err != nil {
		return nil, err
	}
	class := f.class()
	if class == "" && f.err == nil {
		if class, err = classOfModel(fsys); err != nil {
			return nil, err
		}
	}
	return newProcessor(f, class)
}

// Parse opens a configuration from its bytes; name is for error messages.
func Parse(name string, data []byte) (*Processor, error) {
	f, err := readFields(name, data)
	if err != nil {
		return nil, err
	}
	return newProcessor(f, f.class())
}

// classOfModel reads config.json for the processor's class, or for a model_type
// that implies one. It returns "" where the file is missing or says nothing.
func classOfModel(fsys fs.FS) (string, error) {
	data, err := fs.ReadFile(fsys, "config.json")
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("imageprocessor: %w", err)
	}
	var c struct {
		Processor string `json:"image_processor_type"`
		ModelType string `json:"model_type"`
	}
	if err := json.Unmarshal(data, &c); err != nil {
		return "", &ConfigError{File: "config.json", Allowed: "a JSON object", Err: err}
	}
	if c.Processor != "" {
		f := fields{raw: map[string]json.RawMessage{"image_processor_type": json.RawMessage(fmt.Sprintf("%q", c.Processor))}}
		return f.class(), nil
	}
	return classOf(c.ModelType), nil
}

func newProcessor(f *fields, class string) (*Processor, error) {
	r, err := recipeOf(f, class)
	if err != nil {
		return nil, err
	}
	return &Processor{recipe: r, values: r.table(), size: r.fixed()}, nil
}

// Class returns the processor's class, such as "ViTImageProcessor".
func (p *Processor) Class() string { return p.recipe.class }

// Size returns the shape [c,h,w] of every result. h and w are 0 where they
// depend on the picture; then SizeOf tells.
func (p *Processor) Size() (c, h, w int) { return Channels, p.size.height, p.size.width }

// SizeOf returns the shape [c,h,w] of the result for a picture of width ×
// height pixels, both positive. The error is a *ShapeError.
func (p *Processor) SizeOf(width, height int) (c, h, w int, err error) {
	l, err := p.recipe.layout(dims{height, width})
	return Channels, l.out.height, l.out.width, err
}

// Process writes the pixel values [C,H,W] of a picture into dst, which has
// exactly the room that SizeOf says. The error is a *ShapeError.
func (p *Processor) Process(m pillow.Picture, dst []float32) error {
	in := sizeOf(m)
	l, err := p.recipe.layout(in)
	if err != nil {
		return err
	}
	if n := Channels * l.out.height * l.out.width; len(dst) != n {
		return &ShapeError{Processor: p.recipe.class, Width: in.width, Height: in.height,
			Reason: fmt.Sprintf("the result [%d %d %d] has %d values, the room given %d", Channels, l.out.height, l.out.width, n, len(dst))}
	}
	p.process(m, l, dst)
	return nil
}

func sizeOf(m pillow.Picture) dims {
	w, h := m.Size()
	return dims{h, w}
}

// Pixels returns the pixel values of a picture. The error is a *ShapeError.
func (p *Processor) Pixels(m pillow.Picture) (Pixels, error) {
	l, err := p.recipe.layout(sizeOf(m))
	if err != nil {
		return Pixels{}, err
	}
	x := Pixels{Channels, l.out.height, l.out.width, make([]float32, Channels*l.out.height*l.out.width)}
	p.process(m, l, x.Data)
	return x, nil
}

// process does the steps of a layout.
func (p *Processor) process(m pillow.Picture, l layout, dst []float32) {
	if l.turn {
		m = pillow.ToRGB(m).RotateClockwise()
	}
	scaled := l.scaled
	if l.fitted != l.scaled {
		// The reference's thumbnail has its own filter and averages blocks first.
		whole := pillow.Resize(m, l.scaled.width, l.scaled.height, p.recipe.filter)
		m = pillow.ResizeGap(whole, l.fitted.width, l.fitted.height, pillow.Bicubic, 2)
		scaled = l.fitted
	}
	// The part of the scaled picture that the result shows.
	shown := image.Rect(0, 0, l.out.width, l.out.height).
		Sub(image.Pt(l.corner.width, l.corner.height)).
		Intersect(image.Rect(0, 0, scaled.width, scaled.height))
	part := pillow.ResizeWindow(m, scaled.width, scaled.height, p.recipe.filter, shown)
	p.place(part, l, shown.Min.Add(image.Pt(l.corner.width, l.corner.height)), dst)
}

// place looks up the values of part, whose corner lies at the given point of
// the result, and fills what it leaves uncovered.
func (p *Processor) place(part *pillow.RGB, l layout, at image.Point, dst []float32) {
	plane := l.out.height * l.out.width
	if part.Width*part.Height < plane {
		for c := range Channels {
			v := p.values[c][0]
			if l.neutral {
				v = 0
			}
			for i := range plane {
				dst[c*plane+i] = v
			}
		}
	}
	for y := range part.Height {
		from := (at.Y+y)*l.out.width + at.X
		r := dst[from : from+part.Width]
		g := dst[plane+from : plane+from+part.Width]
		b := dst[2*plane+from : 2*plane+from+part.Width]
		row := part.Row(y)
		for x := range r {
			r[x] = p.values[0][row[3*x]]
			g[x] = p.values[1][row[3*x+1]]
			b[x] = p.values[2][row[3*x+2]]
		}
	}
}
