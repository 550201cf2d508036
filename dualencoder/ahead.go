package dualencoder

import (
	"errors"
	"log/slog"

	"github.com/vkdual/vkdual/dualencoder/weights"
	"github.com/vkdual/vkdual/ops"
	"github.com/vkdual/vkdual/runtime"
)

// compileAhead has the driver compile what the first batches will want, while the
// weights are on their way: some drivers take as long for the one as for the
// other. What is compiled are the programs of a twin of m that has shapes but no
// numbers. It ends, between two programs, when the weights are there. An error is
// one that the first batch will meet again, or says that kernels are not timed yet.
func (m *Model) compileAhead(loaded <-chan struct{}) error {
	twin := &Model{dev: m.dev, name: m.name, cfg: m.cfg, class: m.class, opt: m.opt, log: slog.New(slog.DiscardHandler)}
	zero := func(_ string, shape []int) (weights.Stored, bool) {
		return weights.Stored{Shape: shape, Read: func(_ int, dst []float32) error { clear(dst); return nil }}, true
	}
	set := weights.New(nothing{}, ops.Packer{Arena: m.dev.NewShapes("ahead"), DType: m.opt.DType}, weights.Options{Draw: zero})
	if err := errors.Join(twin.load(set.Root()), set.Finish()); err != nil {
		return err
	}
	for _, s := range twin.likely() {
		select {
		case <-loaded:
			return nil
		default:
		}
		if err := twin.recorded(s, runtime.Ahead()).Compile(); err != nil {
			return err
		}
	}
	return nil
}

// likely are shapes of a first batch: those of few tokens and of more differ in
// their kernels.
func (m *Model) likely() (shapes []shape) {
	if m.opt.Side != ImageSide {
		for _, n := range []int{8, 32} {
			shapes = append(shapes, m.textShape(min(n, m.MaxTokens()), EmbedOptions{}))
		}
	}
	if m.opt.Side != TextSide {
		var p picture
		p.channels, p.height, p.width = m.vision.Size()
		shapes = append(shapes, shape{images: 1, picture: p})
	}
	return shapes
}
