package imageprocessor

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"

	"github.com/vkdual/vkdual/dualencoder/imageprocessor/pillow"
)

// Source is one picture that is yet to be read: a name for messages, and how
// to get it. Load may be called from any goroutine.
type Source struct {
	Name string
	Load func() (pillow.Picture, error)
}

// File is the source of a picture file.
func File(path string, o pillow.DecodeOptions) Source {
	return Source{Name: path, Load: func() (pillow.Picture, error) { return pillow.OpenFile(path, o) }}
}

// Result is one picture's pixel values, or why there are none.
type Result struct {
	Name   string
	Pixels Pixels
	Err    error
}

// ProcessFile reads, decodes and processes one file. Errors are those of
// pillow.OpenFile, or a *ShapeError.
func (p *Processor) ProcessFile(path string, o pillow.DecodeOptions) (Pixels, error) {
	m, err := pillow.OpenFile(path, o)
	if err != nil {
		return Pixels{}, err
	}
	x, err := p.Pixels(m)
	if err != nil {
		return Pixels{}, fmt.Errorf("%q: %w", path, err)
	}
	return x, nil
}

// Stream loads and processes pictures on all cores and yields the results in
// the order of the sources, by index. A picture that fails is a Result with an
// error; the others go on. Per core one picture is in work and one result may
// wait, so memory does not grow with the number of sources. When ctx ends, the
// rest, what is in work with it, is yielded as that error; when the caller stops, so does the work.
func (p *Processor) Stream(ctx context.Context, sources iter.Seq[Source]) iter.Seq2[int, Result] {
	return func(yield func(int, Result) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		workers := runtime.GOMAXPROCS(0)
		running := make(chan struct{}, workers) // one place for each picture in work
		queue := make(chan chan Result, workers)

		go func() {
			defer close(queue)
			for s := range sources {
				done := make(chan Result, 1)
				select {
				case queue <- done:
				case <-ctx.Done():
					return
				}
				select {
				case running <- struct{}{}:
				case <-ctx.Done():
					done <- Result{Name: s.Name, Err: ctx.Err()}
					return
				}
				go func() {
					defer func() { <-running }()
					done <- p.load(ctx, s)
				}()
			}
		}()
		i := 0
		for done := range queue {
			r, ok := finished(ctx, done)
			if !ok {
				break
			}
			if !yield(i, r) {
				return
			}
			i++
		}
		if err := ctx.Err(); err != nil {
			yield(i, Result{Err: fmt.Errorf("imageprocessor: stopped after %d pictures: %w", i, err)})
		}
	}
}

// finished waits for a picture, but not for one that is in work when ctx ends:
// reading a pipe or a disk far away can take any time.
func finished(ctx context.Context, done <-chan Result) (r Result, ok bool) {
	select {
	case r = <-done:
		return r, true
	case <-ctx.Done():
	}
	select {
	case r = <-done:
		return r, true
	default:
		return r, false
	}
}

func (p *Processor) load(ctx context.Context, s Source) Result {
	r := Result{Name: s.Name}
	if r.Err = ctx.Err(); r.Err != nil {
		return r
	}
	m, err := s.Load()
	if err == nil {
		r.Pixels, err = p.Pixels(m)
		var shape *ShapeError
		if errors.As(err, &shape) {
			err = fmt.Errorf("%q: %w", s.Name, err)
		}
	}
	r.Err = err
	return r
}

// Batch joins results into one tensor [B,C,H,W]. Pictures of one size are
// needed, but for classes that pad a batch (YOLOS): there smaller ones get
// zeros at the right and at the bottom. A result with an error is that error.
func (p *Processor) Batch(results []Result) (shape [4]int, data []float32, err error) {
	shape = [4]int{len(results), Channels, 0, 0}
	for i, r := range results {
		if r.Err != nil {
			return shape, nil, r.Err
		}
		h, w := r.Pixels.H, r.Pixels.W
		if i > 0 && (h != shape[2] || w != shape[3]) && !p.recipe.padBatch {
			return shape, nil, fmt.Errorf("imageprocessor: batch: %q is [%d %d %d], %q is [%d %d %d]",
				results[0].Name, Channels, shape[2], shape[3], r.Name, Channels, h, w)
		}
		shape[2], shape[3] = max(shape[2], h), max(shape[3], w)
	}
	data = make([]float32, shape[0]*shape[1]*shape[2]*shape[3])
	for i, r := range results {
		x := r.Pixels
		for row := range Channels * x.H {
			c, y := row/x.H, row%x.H
			at := ((i*Channels+c)*shape[2] + y) * shape[3]
			copy(data[at:at+x.W], x.Data[row*x.W:(row+1)*x.W])
		}
	}
	return shape, data, nil
}
