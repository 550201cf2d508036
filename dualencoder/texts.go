package dualencoder

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/vkdual/vkdual/dualencoder/tokenizer"
	"github.com/vkdual/vkdual/dualencoder/tower"
	"github.com/vkdual/vkdual/runtime"
)

// EmbedTexts embeds texts: one embedding each, in their order. The first that
// fails ends it; StreamTexts goes on.
func (m *Model) EmbedTexts(ctx context.Context, texts []string, opt EmbedOptions) ([][]float32, error) {
	return m.alone().EmbedTexts(ctx, texts, opt)
}

// StreamTexts embeds texts as they come: it yields the number of each, from 0,
// with its embedding or its error, in order. Some batches of texts are read
// ahead, to be sorted by length: a few at first, more later. When ctx ends, or
// where there is no tokenizer, that error is the last result.
func (m *Model) StreamTexts(ctx context.Context, texts iter.Seq[string], opt EmbedOptions) iter.Seq2[int, Result] {
	return m.alone().StreamTexts(ctx, texts, opt)
}

// EmbedTexts is Model.EmbedTexts on all devices of the pool.
func (p *Pool) EmbedTexts(ctx context.Context, texts []string, opt EmbedOptions) ([][]float32, error) {
	return collectResults("text", p.StreamTexts(ctx, slices.Values(texts), opt))
}

// The least and the most batches of texts that are read ahead, to be sorted by
// length. Twice as many each time: the first results come soon, and of many
// texts few tokens are padding.
const (
	firstWindow = 4
	lastWindow  = 32
)

// StreamTexts is Model.StreamTexts on all devices of the pool.
func (p *Pool) StreamTexts(ctx context.Context, texts iter.Seq[string], opt EmbedOptions) iter.Seq2[int, Result] {
	return func(yield func(int, Result) bool) {
		t, err := p.Processor().Tokenizer()
		if err != nil {
			yield(0, Result{Err: err})
			return
		}
		p.streamTasks(ctx, texts, func(texts []string) []task { return p.first().tokenize(t, texts, opt) })(yield)
	}
}

// streamTasks runs texts that are tokenized some at a time.
func (p *Pool) streamTasks(ctx context.Context, texts iter.Seq[string], tokenize func([]string) []task) iter.Seq2[int, Result] {
	return func(yield func(int, Result) bool) {
		c := p.crew(ctx, ofTexts)
		defer c.close()
		size := firstWindow * p.maxBatch(ofTexts)
		var waiting []string
		give := func() {
			w, begin := &window{}, time.Now()
			tasks := tokenize(waiting)
			p.trace().Span("tokenize", fmt.Sprintf("%d texts", len(tasks)), begin, time.Now())
			for i := range tasks {
				w.tasks = append(w.tasks, &tasks[i])
			}
			c.give(w)
			waiting = nil
		}
		for s := range texts {
			if waiting = append(waiting, s); len(waiting) < size {
				continue
			}
			if give(); !c.deliver(ctx, 1, yield) {
				return
			}
			size = min(2*size, lastWindow*p.maxBatch(ofTexts))
		}
		give()
		c.finish(ctx, yield)
	}
}

// placeTexts writes the texts of b to a program's inputs.
func (m *Model) placeTexts(p *runtime.Program, b *batch) {
	for j := range b.shape.texts {
		var e encoded // of a place without a text
		if j < len(b.tasks) {
			e = b.tasks[j].text
		}
		m.place(p, e, j, b.shape.length)
	}
}

// An encoded text is its tokens, special ones included. Those that are masked
// are padding to which no token attends.
type encoded struct {
	ids, types []uint32
	masked     []bool // nil: none
}

// place writes a text to row j of a program's inputs. What is left of the row
// is padding, to which no token attends.
func (m *Model) place(p *runtime.Program, t encoded, j, length int) {
	row := func(name string) []byte { return p.Input(name)[4*j*length : 4*(j+1)*length] }
	ids, types := runtime.U32s(row(inputIDs)), runtime.U32s(row(tokenTypeIDs))
	positions, mask := runtime.U32s(row(positionIDs)), runtime.F32s(row(attentionMask))
	n := copy(ids, t.ids)
	for i := n; i < length; i++ {
		ids[i] = 0
		if n > 0 {
			ids[i] = t.ids[n-1] // a tower that looks for a token finds it before
		}
	}
	clear(types[copy(types, t.types):])
	m.text.Positions(positions[:n], t.ids)
	clear(positions[n:])
	for i := range mask {
		mask[i] = tower.Attend
		switch {
		case i >= n:
			mask[i] = tower.Padding
		case t.masked != nil && t.masked[i]:
			mask[i] = tower.Ignore
		}
	}
	if n == 0 {
		mask[0] = tower.Attend
	}
}

// tokenize encodes texts; those that fail get their error in their result.
func (m *Model) tokenize(t *tokenizer.Tokenizer, texts []string, opt EmbedOptions) []task {
	out := make([]task, len(texts))
	o := tokenizer.Options{Truncation: tokenizer.LongestFirst, MaxLength: m.MaxTokens()}
	if m.class.filled {
		o.Padding = tokenizer.PadMaxLength
	}
	take := func(b *tokenizer.Batch, row, i int) {
		ids := b.InputIDs[row]
		text, result := &out[i].text, &out[i].result
		text.ids = narrow(ids)
		result.Tokens = b.Truncated[row]
		masked := make([]bool, len(ids))
		for j, attended := range b.AttentionMask[row] {
			masked[j] = attended == 0
			result.Tokens += int(attended)
		}
		if slices.Contains(b.Names, attentionMask) {
			text.masked = masked
		}
		if slices.Contains(b.Names, tokenTypeIDs) && m.text.Limits().Types > 0 {
			text.types = narrow(b.TokenTypeIDs[row])
		}
		out[i].shape = m.textShape(len(ids), opt)
		result.Err = m.checkTokens(*text, b.Truncated[row], opt)
	}
	if b, err := t.Encode(texts, o); err == nil {
		for i := range texts {
			take(b, i, i)
		}
		return out
	}
	for i := range texts { // one of them fails: find which
		b, err := t.Encode(texts[i:i+1], o)
		if err != nil {
			out[i].result.Err = err
			continue
		}
		take(b, 0, i)
	}
	return out
}

// textShape is that of a text of n tokens alone.
func (m *Model) textShape(n int, opt EmbedOptions) shape {
	return shape{texts: 1, length: bucket(n, m.MaxTokens()), raw: opt.Raw}
}

// checkTokens holds a text's tokens against the tower's tables: a tokenizer
// may belong to another model.
func (m *Model) checkTokens(t encoded, truncated int, opt EmbedOptions) error {
	limits := m.text.Limits()
	if err := m.takes(ofTexts); err != nil {
		return err
	}
	switch {
	case len(t.ids) == 0:
		return &InputError{Input: inputIDs, Value: "no token", Want: "one or more"}
	case len(t.ids) > m.MaxTokens(): // nothing is cut where the special tokens alone are too many
		return &InputError{Input: inputIDs, Value: fmt.Sprintf("%d tokens", len(t.ids)), Want: fmt.Sprintf("%d or fewer", m.MaxTokens())}
	case truncated > 0 && opt.Strict:
		return &TruncatedError{Tokens: len(t.ids) + truncated, Limit: m.MaxTokens()}
	}
	for name, x := range map[string]struct {
		ids   []uint32
		below int
	}{inputIDs: {t.ids, limits.Vocab}, tokenTypeIDs: {t.types, limits.Types}} {
		for _, id := range x.ids {
			if int(id) >= x.below {
				return &InputError{Input: name, Value: fmt.Sprintf("the tokenizer gives %d", id), Want: fmt.Sprintf("0 to %d, as the model knows", x.below-1)}
			}
		}
	}
	return nil
}
