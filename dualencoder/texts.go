package dualencoder

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"

	"github.com/vkdual/vkdual/dualencoder/tokenizer"
	"github.com/vkdual/vkdual/dualencoder/tower"
	"github.com/vkdual/vkdual/runtime"
)

// EmbedTexts embeds texts: one embedding each, in their order. The first that
// fails ends it; StreamTexts goes on.
func (m *Model) EmbedTexts(ctx context.Context, texts []string, opt EmbedOptions) ([][]float32, error) {
	return collectResults("text", m.StreamTexts(ctx, slices.Values(texts), opt))
}

// window is how many batches of texts are read ahead, to be grouped by length.
const window = 8

// StreamTexts embeds texts as they come: it yields the number of each, from 0,
// with its embedding or its error, in order. When ctx ends, or where there is no
// tokenizer, that error is the last result.
func (m *Model) StreamTexts(ctx context.Context, texts iter.Seq[string], opt EmbedOptions) iter.Seq2[int, Result] {
	return func(yield func(int, Result) bool) {
		t, err := m.processor.Tokenizer()
		if err != nil {
			yield(0, Result{Err: err})
			return
		}
		first := 0
		var waiting []string
		flush := func() bool {
			for i, r := range m.embedTexts(ctx, t, waiting, opt) {
				if !yield(first+i, r) || ended(ctx, r.Err) {
					return false
				}
			}
			first += len(waiting)
			waiting = waiting[:0]
			return true
		}
		for s := range texts {
			waiting = append(waiting, s)
			if len(waiting) == window*m.opt.MaxBatch && !flush() {
				return
			}
		}
		flush()
	}
}

// embedTexts groups texts by length and runs them.
func (m *Model) embedTexts(ctx context.Context, t *tokenizer.Tokenizer, texts []string, opt EmbedOptions) []Result {
	out := make([]Result, len(texts))
	tokens := m.tokenize(t, texts, out, opt)
	groups := map[int][]int{}
	for i, e := range tokens {
		if out[i].Err == nil {
			n := bucket(len(e.ids), m.MaxTokens())
			groups[n] = append(groups[n], i)
		}
	}
	for _, length := range slices.Sorted(maps.Keys(groups)) {
		group := groups[length]
		for len(group) > 0 {
			size := batches(len(group), m.tokens.batch(m.opt.MaxBatch, length))[0]
			some := group[:min(size, len(group))]
			s := shape{texts: size, length: length, raw: opt.Raw}
			err := m.programs.use(s, func(p *runtime.Program) error {
				for j := range size {
					var e encoded // of a place without a text
					if j < len(some) {
						e = tokens[some[j]]
					}
					m.place(p, e, j, length)
				}
				if err := p.Run(ctx); err != nil {
					return err
				}
				m.deal(out, some, runtime.F32s(p.Output(textEmbeds)))
				return nil
			})
			if tooLarge(err, s) {
				m.tokens.less(size * length)
				continue
			}
			group = group[len(some):]
			for _, i := range some {
				if err != nil {
					out[i].Err = err
				}
			}
		}
	}
	return out
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

// tokenize encodes texts; those that fail get their error in out.
func (m *Model) tokenize(t *tokenizer.Tokenizer, texts []string, out []Result, opt EmbedOptions) []encoded {
	tokens := make([]encoded, len(texts))
	o := tokenizer.Options{Truncation: tokenizer.LongestFirst, MaxLength: m.MaxTokens()}
	if m.class.filled {
		o.Padding = tokenizer.PadMaxLength
	}
	take := func(b *tokenizer.Batch, row, i int) {
		ids := b.InputIDs[row]
		tokens[i].ids = narrow(ids)
		out[i].Tokens = b.Truncated[row]
		masked := make([]bool, len(ids))
		for j, attended := range b.AttentionMask[row] {
			masked[j] = attended == 0
			out[i].Tokens += int(attended)
		}
		if slices.Contains(b.Names, attentionMask) {
			tokens[i].masked = masked
		}
		if slices.Contains(b.Names, tokenTypeIDs) && m.text.Limits().Types > 0 {
			tokens[i].types = narrow(b.TokenTypeIDs[row])
		}
		out[i].Err = m.checkTokens(tokens[i], b.Truncated[row], opt)
	}
	if b, err := t.Encode(texts, o); err == nil {
		for i := range texts {
			take(b, i, i)
		}
		return tokens
	}
	for i := range texts { // one of them fails: find which
		b, err := t.Encode(texts[i:i+1], o)
		if err != nil {
			out[i].Err = err
			continue
		}
		take(b, 0, i)
	}
	return tokens
}

// checkTokens holds a text's tokens against the tower's tables: a tokenizer
// may belong to another model.
func (m *Model) checkTokens(t encoded, truncated int, opt EmbedOptions) error {
	limits := m.text.Limits()
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
