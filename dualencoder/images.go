package dualencoder

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/vkdual/vkdual/dualencoder/imageprocessor"
	"github.com/vkdual/vkdual/runtime"
)

// EmbedImages embeds picture files: one embedding each, in their order. The
// first that fails ends it; StreamImages goes on.
func (m *Model) EmbedImages(ctx context.Context, paths []string, opt EmbedOptions) ([][]float32, error) {
	return collectResults("image", m.StreamImages(ctx, Files(slices.Values(paths), opt), opt))
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
	return func(yield func(int, Result) bool) {
		p, err := m.processor.Images()
		if err != nil {
			yield(0, Result{Err: err})
			return
		}
		first := 0
		var waiting []imageprocessor.Result
		flush := func() bool {
			for i, r := range m.embedPixels(ctx, waiting, opt) {
				if !yield(first+i, r) || ended(ctx, r.Err) {
					return false
				}
			}
			first += len(waiting)
			waiting = waiting[:0]
			return true
		}
		for _, r := range p.Stream(ctx, pictures) {
			waiting = append(waiting, r)
			if (len(waiting) == m.opt.MaxBatch || ended(ctx, r.Err)) && !flush() {
				return
			}
		}
		flush()
	}
}

// embedPixels runs what processed well, and keeps the errors in place.
func (m *Model) embedPixels(ctx context.Context, in []imageprocessor.Result, opt EmbedOptions) []Result {
	out := make([]Result, len(in))
	groups := map[picture][]int{} // one batch has one size of picture
	var sizes []picture           // in the order in which they come
	for i, r := range in {
		if r.Err != nil {
			out[i].Err = r.Err
			continue
		}
		size := picture{r.Pixels.C, r.Pixels.H, r.Pixels.W}
		if instead := m.vision.Takes(size.channels, size.height, size.width); instead != "" {
			out[i].Err = fmt.Errorf("%q: %w", r.Name, &InputError{Input: pixelValues,
				Value: fmt.Sprintf("the image processor gives [1 %d %d %d]", size.channels, size.height, size.width), Want: instead})
			continue
		}
		if groups[size] == nil {
			sizes = append(sizes, size)
		}
		groups[size] = append(groups[size], i)
	}
	for _, size := range sizes {
		m.embedSized(ctx, out, in, groups[size], size, opt)
	}
	return out
}

// embedSized runs the inputs of one size, by their numbers.
func (m *Model) embedSized(ctx context.Context, out []Result, in []imageprocessor.Result, numbers []int, of picture, opt EmbedOptions) {
	each := of.channels * of.height * of.width
	for len(numbers) > 0 {
		size := batches(len(numbers), m.images.batch(m.opt.MaxBatch, each))[0]
		some := numbers[:min(size, len(numbers))]
		s := shape{images: size, picture: of, raw: opt.Raw}
		err := m.programs.use(s, func(p *runtime.Program) error {
			pixels := runtime.F32s(p.Input(pixelValues))
			for j, i := range some {
				copy(pixels[j*each:], in[i].Pixels.Data)
			}
			clear(pixels[len(some)*each:])
			if err := p.Run(ctx); err != nil {
				return err
			}
			m.deal(out, some, runtime.F32s(p.Output(imageEmbeds)))
			return nil
		})
		if tooLarge(err, s) {
			m.images.less(size * each)
			continue
		}
		numbers = numbers[len(some):]
		for _, i := range some {
			if err != nil {
				out[i].Err = err
			}
		}
	}
}

// deal copies row j of embeddings to the result of number to[j], where it is finite.
func (m *Model) deal(out []Result, to []int, embeddings []float32) {
	d := m.Dim()
	for j, i := range to {
		row := embeddings[j*d : (j+1)*d]
		if slices.ContainsFunc(row, func(v float32) bool { return v-v != 0 }) {
			out[i].Err = ErrNotFinite
			continue
		}
		out[i].Embedding = slices.Clone(row)
	}
}
