package dualencoder

import (
	"fmt"
	"slices"

	"github.com/vkdual/vkdual/dualencoder/tower"
)

// check holds the inputs against the model's tables and sizes, and gives the
// shape of the program that takes them.
func (m *Model) check(in Inputs, opt ForwardOptions) (shape, error) {
	s := shape{
		want:     tower.Want{HiddenStates: opt.HiddenStates, Attentions: opt.Attentions},
		loss:     opt.Loss,
		features: opt.Features,
		full:     true,
	}
	if in.InputIDs == nil && in.PixelValues == nil {
		return s, &InputError{Input: "inputs", Value: "neither input_ids nor pixel_values", Want: "one of them, or both"}
	}
	if in.InputIDs != nil {
		if err := m.checkTexts(in, &s); err != nil {
			return s, err
		}
	} else {
		for name, x := range map[string]*Ints{"attention_mask": in.AttentionMask, "token_type_ids": in.TokenTypeIDs, "position_ids": in.PositionIDs} {
			if x != nil {
				return s, &InputError{Input: name, Value: "given without input_ids", Want: "input_ids beside it"}
			}
		}
	}
	if in.PixelValues != nil {
		if err := m.checkPixels(in.PixelValues, &s); err != nil {
			return s, err
		}
	}
	if opt.Loss && m.class.noLoss != "" {
		return s, &InputError{Input: "loss", Value: "asked for", Want: "none: " + m.class.noLoss}
	}
	if opt.Loss && s.images != s.texts {
		return s, &InputError{Input: "loss", Value: fmt.Sprintf("%d images and %d texts", s.images, s.texts), Want: "as many images as texts"}
	}
	return s, nil
}

// takes says why the model takes no inputs of a kind, nil where it does.
func (m *Model) takes(k kind) error {
	switch {
	case k == ofImages && m.opt.Side == TextSide:
		return &InputError{Input: pixelValues, Value: "given", Want: "texts alone, for which the model was opened"}
	case k == ofTexts && m.opt.Side == ImageSide:
		return &InputError{Input: inputIDs, Value: "given", Want: "pictures alone, for which the model was opened"}
	}
	return nil
}

func (m *Model) checkPixels(p *Floats, s *shape) error {
	if err := m.takes(ofImages); err != nil {
		return err
	}
	// A shape that is no picture's is held against one that no tower takes.
	var size picture
	if n := p.Shape; len(n) == 4 && slices.Min(n) > 0 && slices.Max(n) < 1<<20 {
		size = picture{p.Shape[1], p.Shape[2], p.Shape[3]}
	}
	if instead := m.vision.Takes(size.channels, size.height, size.width); instead != "" {
		return &InputError{Input: pixelValues, Value: fmt.Sprintf("shape %v", p.Shape), Want: instead}
	}
	s.images, s.picture = p.Shape[0], size
	return filled(pixelValues, p.Shape, len(p.Data))
}

func (m *Model) checkTexts(in Inputs, s *shape) error {
	if err := m.takes(ofTexts); err != nil {
		return err
	}
	ids := in.InputIDs
	if len(ids.Shape) != 2 || ids.Shape[0] < 1 || ids.Shape[1] < 1 {
		return &InputError{Input: "input_ids", Value: fmt.Sprintf("shape %v", ids.Shape), Want: "[texts tokens], one or more of each"}
	}
	s.texts, s.length = ids.Shape[0], ids.Shape[1]
	limits := m.text.Limits()
	if limits.Tokens > 0 && s.length > limits.Tokens {
		return &InputError{Input: "input_ids", Value: fmt.Sprintf("%d tokens", s.length), Want: fmt.Sprintf("at most %d tokens", limits.Tokens)}
	}
	for _, x := range []struct {
		name      string
		ints      *Ints
		broadcast bool // one row may stand for all
		below     int
		of        string
	}{
		{"input_ids", ids, false, limits.Vocab, "the vocabulary's size"},
		{"attention_mask", in.AttentionMask, false, 2, "0 or 1"},
		{"token_type_ids", in.TokenTypeIDs, false, limits.Types, "type_vocab_size"},
		{"position_ids", in.PositionIDs, true, limits.Positions, "the number of positions"},
	} {
		if x.ints == nil {
			continue
		}
		if x.below == 0 {
			return &InputError{Input: x.name, Value: "given", Want: fmt.Sprintf("none: %s knows none", m.cfg.Text.ModelType())}
		}
		one := x.broadcast && slices.Equal(x.ints.Shape, []int{1, s.length})
		if !one && !slices.Equal(x.ints.Shape, ids.Shape) {
			return &InputError{Input: x.name, Value: fmt.Sprintf("shape %v", x.ints.Shape), Want: fmt.Sprintf("%v, as input_ids", ids.Shape)}
		}
		if err := filled(x.name, x.ints.Shape, len(x.ints.Data)); err != nil {
			return err
		}
		for i, v := range x.ints.Data {
			if v < 0 || v >= int64(x.below) {
				return &InputError{Input: x.name, Value: fmt.Sprintf("%d at [%d %d]", v, i/s.length, i%s.length), Want: fmt.Sprintf("0 to %d (%s)", x.below-1, x.of)}
			}
		}
	}
	if in.PositionIDs == nil {
		return m.checkLength(ids)
	}
	return nil
}

// checkLength holds default positions against the table.
func (m *Model) checkLength(ids *Ints) error {
	limits, n := m.text.Limits(), ids.Shape[1]
	if n <= limits.Length {
		return nil
	}
	row, at := make([]uint32, n), make([]uint32, n)
	for t := range ids.Shape[0] {
		for i := range row {
			row[i] = uint32(ids.Data[t*n+i])
		}
		m.text.Positions(at, row)
		if p := slices.Max(at); int(p) >= limits.Positions {
			return &InputError{Input: "input_ids", Value: fmt.Sprintf("%d tokens, the last at position %d", n, p),
				Want: fmt.Sprintf("at most %d tokens (max_position_embeddings is %d)", limits.Length, limits.Positions)}
		}
	}
	return nil
}

func filled(name string, shape []int, have int) error {
	n := 1
	for _, d := range shape {
		n *= d
	}
	if n != have {
		return &InputError{Input: name, Value: fmt.Sprintf("%d elements", have), Want: fmt.Sprintf("%d, as shape %v has", n, shape)}
	}
	return nil
}
