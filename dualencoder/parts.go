package dualencoder

import (
	"context"
	"slices"

	"github.com/vkdual/vkdual/runtime"
)

// forwardParts runs what is too large for one program: each side alone, then
// each side's halves; the logits come from the joined embeddings.
func (m *Model) forwardParts(ctx context.Context, in Inputs, opt ForwardOptions, s shape) (Outputs, error) {
	part := opt
	part.Loss = false
	run := func(of ...Inputs) (joined Outputs, err error) {
		for _, in := range of {
			out, err := m.Forward(ctx, in, part)
			if err != nil {
				return nil, err
			}
			joined = join(joined, out)
		}
		return joined, nil
	}
	if s.texts == 0 || s.images == 0 {
		n := s.rows()
		return run(in.slice(0, n/2), in.slice(n/2, n))
	}
	text, image := in, Inputs{PixelValues: in.PixelValues}
	text.PixelValues = nil
	texts, err := run(text)
	if err != nil {
		return nil, err
	}
	images, err := run(image)
	if err != nil {
		return nil, err
	}
	out := append(texts, images...)
	err = m.programs.use(shape{images: s.images, texts: s.texts, loss: s.loss, head: true}, func(p *runtime.Program) error {
		copy(runtime.F32s(p.Input(textEmbeds)), out.Get(textEmbeds).Data)
		copy(runtime.F32s(p.Input(imageEmbeds)), out.Get(imageEmbeds).Data)
		if err := p.Run(ctx); err != nil {
			return err
		}
		out = append(out, collect(p)...)
		return nil
	})
	return sorted(out), err
}

// slice is the inputs from row lo to row hi of the one side that there is.
func (in Inputs) slice(lo, hi int) Inputs {
	ints := func(x *Ints) *Ints {
		if x == nil || x.Shape[0] == 1 {
			return x // position ids for all rows
		}
		each := len(x.Data) / x.Shape[0]
		return &Ints{Shape: append([]int{hi - lo}, x.Shape[1:]...), Data: x.Data[lo*each : hi*each]}
	}
	out := Inputs{InputIDs: ints(in.InputIDs), AttentionMask: ints(in.AttentionMask), TokenTypeIDs: ints(in.TokenTypeIDs), PositionIDs: ints(in.PositionIDs)}
	if x := in.PixelValues; x != nil {
		each := len(x.Data) / x.Shape[0]
		out.PixelValues = &Floats{Shape: append([]int{hi - lo}, x.Shape[1:]...), Data: x.Data[lo*each : hi*each]}
	}
	return out
}

// join puts the rows of b below those of a, output by output.
func join(a, b Outputs) Outputs {
	if a == nil {
		return b
	}
	for i := range a {
		x := b.Get(a[i].Name)
		a[i].Shape = append([]int{a[i].Shape[0] + x.Shape[0]}, a[i].Shape[1:]...)
		a[i].Data = slices.Concat(a[i].Data, x.Data)
	}
	return a
}
