package dualencoder

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/vkdual/vkdual/dualencoder/imageprocessor/pillow"
)

// EmbedOptions say how texts and pictures are embedded.
type EmbedOptions struct {
	Raw    bool                 // the projection itself, not divided by its length
	Strict bool                 // a text of too many tokens is an error; otherwise it is truncated
	Decode pillow.DecodeOptions // of picture files
}

// A Result is one input's embedding, or why there is none.
type Result struct {
	Embedding []float32 // [Model.Dim]
	// Tokens is how many tokens a text has, with special tokens. More than
	// Model.MaxTokens were cut off.
	Tokens int
	Err    error
}

// collectResults takes a stream of what, whose first error ends it.
func collectResults(what string, stream iter.Seq2[int, Result]) ([][]float32, error) {
	var out [][]float32
	for i, r := range stream {
		if r.Err != nil {
			return nil, fmt.Errorf("dualencoder: embed %s %d: %w", what, i, r.Err)
		}
		out = append(out, r.Embedding)
	}
	return out, nil
}

// ended reports whether err is that of ctx, after which nothing more can run.
func ended(ctx context.Context, err error) bool {
	return ctx.Err() != nil && errors.Is(err, ctx.Err())
}
