package dualencoder

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"
	"strings"

	"github.com/vkdual/vkdual/dualencoder/imageprocessor"
)

// Placeholder is what a template has in the label's place.
const Placeholder = "{}"

// A Classifier tells which of its labels a picture shows, without having been
// trained on them. It is safe for concurrent use.
type Classifier struct {
	pool    *Pool
	labels  []string
	classes [][]float32 // of length 1, one for each label
	Notes   []string    // of labels that were truncated
}

// NewClassifier embeds labels, each put into every template at {}; no template
// means the label itself. Several templates are averaged as in Radford et al.,
// 2021, section 3.1.4: normalise, mean, normalise.
func (m *Model) NewClassifier(ctx context.Context, labels, templates []string, opt EmbedOptions) (*Classifier, error) {
	return m.alone().NewClassifier(ctx, labels, templates, opt)
}

// NewClassifier is Model.NewClassifier on all devices of the pool.
func (p *Pool) NewClassifier(ctx context.Context, labels, templates []string, opt EmbedOptions) (*Classifier, error) {
	if len(labels) == 0 {
		return nil, errors.New("dualencoder: classify: no label, want one or more")
	}
	for i, l := range labels {
		if at := slices.Index(labels, l); at < i {
			return nil, fmt.Errorf("dualencoder: classify: labels %d and %d are both %q", at+1, i+1, l)
		}
	}
	if len(templates) == 0 {
		templates = []string{Placeholder}
	}
	var texts []string
	for _, t := range templates {
		if !strings.Contains(t, Placeholder) {
			return nil, fmt.Errorf("dualencoder: classify: template %q: want %s where the label goes", t, Placeholder)
		}
		for _, l := range labels {
			texts = append(texts, strings.ReplaceAll(t, Placeholder, l))
		}
	}
	opt.Raw = false
	c := &Classifier{pool: p, labels: slices.Clone(labels)}
	sums := make([][]float64, len(labels))
	for i, r := range p.StreamTexts(ctx, slices.Values(texts), opt) {
		if r.Err != nil {
			return nil, fmt.Errorf("%q: %w", texts[i], r.Err)
		}
		if r.Tokens > p.MaxTokens() {
			c.Notes = append(c.Notes, fmt.Sprintf("%q has %d tokens and was cut to the model's %d", texts[i], r.Tokens, p.MaxTokens()))
		}
		l := i % len(labels)
		if sums[l] == nil {
			sums[l] = make([]float64, p.Dim())
		}
		for k, v := range r.Embedding {
			sums[l][k] += float64(v)
		}
	}
	for _, s := range sums {
		norm := 0.0
		for _, v := range s {
			norm += v * v
		}
		norm = math.Sqrt(norm)
		if len(templates) == 1 {
			norm = 1 // it has that length already
		}
		class := make([]float32, len(s))
		for k, v := range s {
			class[k] = float32(v / norm)
		}
		c.classes = append(c.classes, class)
	}
	return c, nil
}

// Labels are the classifier's labels in the order of a Classification's numbers.
func (c *Classifier) Labels() []string { return slices.Clone(c.labels) }

// A Classification is what a Classifier says of a picture.
type Classification struct {
	Logits        []float32 // exp(logit_scale) · cosine, plus logit_bias if the model has one; one for each label
	Probabilities []float64 // their softmax; of a SigLIP, each one's sigmoid
	Err           error
}

// Top are the numbers of the k most probable labels, the best first; all of
// them where k is 0 or larger than their number.
func (c Classification) Top(k int) []int {
	order := make([]int, len(c.Probabilities))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch pa, pb := c.Probabilities[a], c.Probabilities[b]; {
		case pa > pb:
			return -1
		case pa < pb:
			return 1
		}
		return 0
	})
	if k > 0 && k < len(order) {
		order = order[:k]
	}
	return order
}

// Stream classifies pictures as they come, as StreamImages embeds them.
func (c *Classifier) Stream(ctx context.Context, pictures iter.Seq[imageprocessor.Source], opt EmbedOptions) iter.Seq2[int, Classification] {
	opt.Raw = false
	return func(yield func(int, Classification) bool) {
		for i, r := range c.pool.StreamImages(ctx, pictures, opt) {
			out := Classification{Err: r.Err}
			if r.Err == nil {
				out = c.classify(r.Embedding)
			}
			if !yield(i, out) {
				return
			}
		}
	}
}

// Classify says what one picture file shows.
func (c *Classifier) Classify(ctx context.Context, path string, opt EmbedOptions) (Classification, error) {
	for _, r := range c.Stream(ctx, Files(slices.Values([]string{path}), opt), opt) {
		return r, r.Err
	}
	return Classification{}, ctx.Err()
}

func (c *Classifier) classify(image []float32) Classification {
	m := c.pool.first()
	out := Classification{Logits: make([]float32, len(c.classes)), Probabilities: make([]float64, len(c.classes))}
	for i, class := range c.classes {
		dot := 0.0
		for k, v := range class {
			dot += float64(v) * float64(image[k])
		}
		dot = dot*float64(m.scale) + float64(m.bias)
		out.Logits[i], out.Probabilities[i] = float32(dot), dot
		if dot-dot != 0 { // the scale or the bias is no number, or the product is beyond any
			return Classification{Err: ErrNotFinite}
		}
	}
	m.class.probabilities(out.Probabilities)
	return out
}
