package dualencoder

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/vkdual/vkdual/dualencoder/imageprocessor"
	"github.com/vkdual/vkdual/dualencoder/imageprocessor/pillow"
	"github.com/vkdual/vkdual/runtime"
)

// EmbedImages embeds picture files: one embedding each, in their order. The
// first that fails ends it; StreamImages goes on.
func (m *Model) EmbedImages(ctx context.Context, paths []string, opt EmbedOptions) ([][]float32, error) {
	return m.alone().EmbedImages(ctx, paths, opt)
}

// EmbedImages is Model.EmbedImages on all devices of the pool.
func (p *Pool) EmbedImages(ctx context.Context, paths []string, opt EmbedOptions) ([][]float32, error) {
	return collectResults("image", p.StreamImages(ctx, Files(slices.Values(paths), opt), opt))
}

// Files are the pictures of those paths, for StreamImages.
func Files(paths iter.Seq[string], opt EmbedOptions) iter.Seq[imageprocessor.Source] {
	return func(yield func(imageprocessor.Source) bool) {
		for p := range paths {
			if !yield(imageprocessor.File(p, opt.Decode)) {
				return
			}
		}
	}
}

// StreamImages embeds pictures as they come: it yields the number of each, from
// 0, with its embedding or its error, in order. Pictures are decoded on all
// cores while the device runs the batch before. When ctx ends, or where there is
// no image processor, that error is the last result.
func (m *Model) StreamImages(ctx context.Context, pictures iter.Seq[imageprocessor.Source], opt EmbedOptions) iter.Seq2[int, Result] {
	return m.alone().StreamImages(ctx, pictures, opt)
}

// StreamImages is Model.StreamImages on all devices of the pool.
func (p *Pool) StreamImages(ctx context.Context, pictures iter.Seq[imageprocessor.Source], opt EmbedOptions) iter.Seq2[int, Result] {
	return func(yield func(int, Result) bool) {
		processor, err := p.Processor().Images()
		if err != nil {
			yield(0, Result{Err: err})
			return
		}
		p.streamPixels(ctx, processor.Stream(ctx, traced(p.trace(), pictures)), opt)(yield)
	}
}

// traced notes in t, unless that is nil, when each picture was read and decoded.
func traced(t *runtime.Trace, pictures iter.Seq[imageprocessor.Source]) iter.Seq[imageprocessor.Source] {
	if t == nil {
		return pictures
	}
	return func(yield func(imageprocessor.Source) bool) {
		for s := range pictures {
			load := s.Load
			s.Load = func() (pillow.Picture, error) {
				begin := time.Now()
				defer func() { t.Span("decode", s.Name, begin, time.Now()) }()
				return load()
			}
			if !yield(s) {
				return
			}
		}
	}
}

// firstPictures is how many pictures a device begins with; then twice as many
// each time, up to a batch, so that it does not wait for long at the beginning.
const firstPictures = 2

// streamPixels embeds pictures that are processed.
func (p *Pool) streamPixels(ctx context.Context, pictures iter.Seq2[int, imageprocessor.Result], opt EmbedOptions) iter.Seq2[int, Result] {
	return func(yield func(int, Result) bool) {
		c := p.crew(ctx, ofImages)
		defer c.close()
		w := &window{}
		size := min(firstPictures, p.maxBatch(ofImages))
		for _, r := range pictures {
			w.tasks = append(w.tasks, p.first().taskOf(r, opt))
			if len(w.tasks) < size && !ended(ctx, r.Err) {
				continue
			}
			// For each device a batch that runs and one that waits.
			if c.give(w); !c.deliver(ctx, 2*len(p.members), yield) {
				return
			}
			w = &window{}
			size = min(2*size, p.maxBatch(ofImages))
		}
		c.give(w)
		c.finish(ctx, yield)
	}
}

// taskOf is what is to be done with a picture; a size that the tower does not
// take is its error.
func (m *Model) taskOf(r imageprocessor.Result, opt EmbedOptions) *task {
	t := &task{result: Result{Err: cmp.Or(r.Err, m.takes(ofImages))}}
	if t.result.Err != nil {
		return t
	}
	size := picture{r.Pixels.C, r.Pixels.H, r.Pixels.W}
	if instead := m.vision.Takes(size.channels, size.height, size.width); instead != "" {
		t.result.Err = fmt.Errorf("%q: %w", r.Name, &InputError{Input: pixelValues,
			Value: fmt.Sprintf("the image processor gives [1 %d %d %d]", size.channels, size.height, size.width), Want: instead})
	}
	t.shape, t.pixels = shape{images: 1, picture: size, raw: opt.Raw}, r.Pixels.Data
	return t
}

// placeImages writes the pictures of b to a program's inputs.
func placeImages(p *runtime.Program, b *batch) {
	pixels := runtime.F32s(p.Input(pixelValues))
	for _, t := range b.tasks {
		pixels = pixels[copy(pixels, t.pixels):]
	}
	clear(pixels)
}
