package dualencoder

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/vkdual/vkdual/dualencoder/imageprocessor"
	"github.com/vkdual/vkdual/dualencoder/tokenizer"
)

// ErrNoInput is the fault of a call with neither texts nor pictures.
var ErrNoInput = errors.New("dualencoder: neither texts nor pictures: give either or both")

// Process makes of texts, pictures or both what Forward takes, as a call of
// HuggingFace's VisionTextDualEncoderProcessor does: input_ids and what else the
// tokenizer's models are given, and pixel_values; what was not given stays nil.
// Only the halves that are needed are opened. Texts are tokenized under opt;
// rows of unequal length, which make no tensor, are an *InputError. The first
// picture that fails ends it. The error for neither is ErrNoInput.
func (p *Processor) Process(ctx context.Context, texts []string, pictures []imageprocessor.Source, opt tokenizer.Options) (Inputs, error) {
	var in Inputs
	if len(texts) == 0 && len(pictures) == 0 {
		return in, ErrNoInput
	}
	if len(texts) > 0 {
		if err := p.processTexts(&in, texts, opt); err != nil {
			return Inputs{}, err
		}
	}
	if len(pictures) > 0 {
		if err := p.processPictures(ctx, &in, pictures); err != nil {
			return Inputs{}, err
		}
	}
	return in, nil
}

func (p *Processor) processTexts(in *Inputs, texts []string, opt tokenizer.Options) error {
	t, err := p.Tokenizer()
	if err != nil {
		return err
	}
	b, err := t.Encode(texts, opt)
	if err != nil {
		return err
	}
	for i, row := range b.InputIDs {
		if n := len(b.InputIDs[0]); len(row) != n {
			return &InputError{Input: "input_ids", Value: fmt.Sprintf("text 0 has %d tokens and text %d has %d", n, i, len(row)),
				Want: "rows of one length: ask for padding"}
		}
	}
	field := func(name string) *Ints {
		rows := b.Field(name)
		if !slices.Contains(b.Names, name) || len(rows) == 0 {
			return nil
		}
		return &Ints{Shape: []int{len(rows), len(rows[0])}, Data: slices.Concat(rows...)}
	}
	in.InputIDs, in.AttentionMask, in.TokenTypeIDs = field("input_ids"), field("attention_mask"), field("token_type_ids")
	return nil
}

func (p *Processor) processPictures(ctx context.Context, in *Inputs, pictures []imageprocessor.Source) error {
	images, err := p.Images()
	if err != nil {
		return err
	}
	var done []imageprocessor.Result
	for _, r := range images.Stream(ctx, slices.Values(pictures)) {
		if r.Err != nil {
			return r.Err
		}
		done = append(done, r)
	}
	shape, data, err := images.Batch(done)
	if err != nil {
		return err
	}
	in.PixelValues = &Floats{Shape: shape[:], Data: data}
	return nil
}
