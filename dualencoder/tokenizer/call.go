package tokenizer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"
)

// Padding says to which length the rows of a batch are filled up.
type Padding uint8

const (
	NoPadding    Padding = iota
	PadLongest           // to the longest row
	PadMaxLength         // to MaxLength, or else to model_max_length
)

// Truncation says which text of a pair gives way where both are too long together.
type Truncation uint8

const (
	TruncateDefault Truncation = iota // none, unless MaxLength is given without padding (as transformers' None)
	NoTruncation
	LongestFirst
	OnlyFirst
	OnlySecond
)

// Options are the arguments of a call, with transformers' meaning and, as zero values, its defaults. A tokenizer.json's
// own padding and truncation have no say.
type Options struct {
	Pairs           []string // second texts, one for each first; nil: none
	NoSpecialTokens bool     // leave out [CLS], [SEP] …
	Padding         Padding
	PadToMultipleOf int // rounds the padded length up; 0: not
	Truncation      Truncation
	MaxLength       int // tokens, special ones counted; 0: model_max_length, if there is one. Less than these: no truncation
}

// Batch is the result of a call: row i is texts[i].
type Batch struct {
	// Names are the fields a model of this kind is given, in order. All fields below are filled whatever it says.
	Names []string

	InputIDs      [][]int64
	TokenTypeIDs  [][]int64
	AttentionMask [][]int64

	SpecialTokensMask [][]int64  // 1 at special tokens and padding
	Tokens            [][]string // as spelled in the vocabulary or found in the text
	Offsets           [][]Span   // in characters of the text; of a pair's second text, in its characters
	Truncated         []int      // how many tokens of each row were cut off
}

// Field is a field by HuggingFace's name, or nil.
func (b *Batch) Field(name string) [][]int64 {
	switch name {
	case "input_ids":
		return b.InputIDs
	case "token_type_ids":
		return b.TokenTypeIDs
	case "attention_mask":
		return b.AttentionMask
	case "special_tokens_mask":
		return b.SpecialTokensMask
	}
	return nil
}

// MarshalJSON writes the fields in Names as transformers' dict, input_ids first.
func (b *Batch) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	for _, name := range []string{"input_ids", "token_type_ids", "attention_mask"} {
		if name != "input_ids" && !slices.Contains(b.Names, name) {
			continue
		}
		rows, err := json.Marshal(b.Field(name))
		if err != nil {
			return nil, err
		}
		sep := ','
		if out.Len() == 0 {
			sep = '{'
		}
		fmt.Fprintf(&out, "%c%q:%s", sep, name, rows)
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

// plan is what a call's options come to.
type plan struct {
	truncation Truncation
	length     int // of truncation and PadMaxLength
	padding    Padding
	padID      int64
	padToken   string
	multiple   int
}

func (t *Tokenizer) plan(o Options) (plan, error) {
	p := plan{truncation: o.Truncation, length: o.MaxLength, padding: o.Padding, multiple: o.PadToMultipleOf}
	if o.MaxLength < 0 || o.PadToMultipleOf < 0 {
		return p, fmt.Errorf("%w: MaxLength %d, PadToMultipleOf %d: negative", ErrLength, o.MaxLength, o.PadToMultipleOf)
	}
	if p.truncation == TruncateDefault {
		p.truncation = NoTruncation
		if o.MaxLength > 0 && o.Padding == NoPadding {
			p.truncation = LongestFirst
		}
	}
	if p.length == 0 {
		switch {
		case t.maxLength < 0 && (p.truncation != NoTruncation || p.padding == PadMaxLength):
			return p, fmt.Errorf("%w: model_max_length %v", ErrLength, t.maxLength)
		case t.maxLength <= largestLength:
			p.length = int(min(t.maxLength, 1<<30)) // the most that anyone means
		default: // transformers warns, and does neither
			p.truncation = NoTruncation
			if p.padding == PadMaxLength {
				p.padding = NoPadding
			}
		}
	}
	if p.padding == PadMaxLength && p.length >= 1<<30 {
		return p, fmt.Errorf("%w: padding to %d tokens", ErrLength, p.length)
	}
	if p.padding != NoPadding {
		var ok bool
		if p.padToken, p.padID, ok = t.SpecialToken("pad_token"); !ok {
			return p, ErrNoPadToken
		}
		if p.truncation != NoTruncation && p.multiple > 0 && p.length%p.multiple != 0 {
			return p, fmt.Errorf("%w: truncation to %d tokens, which is no multiple of %d", ErrLength, p.length, p.multiple)
		}
	}
	return p, nil
}

// Encode tokenizes texts. No text is too odd; errors come from options that cannot be met (ErrLength, ErrNoPadToken)
// and from a vocabulary that lacks the unknown token (ErrNoUnknown). A row that is longer than the model's positions is
// the caller's concern.
func (t *Tokenizer) Encode(texts []string, o Options) (*Batch, error) {
	if o.Pairs != nil && len(o.Pairs) != len(texts) {
		return nil, fmt.Errorf("tokenizer: encode: %d texts and %d second texts", len(texts), len(o.Pairs))
	}
	p, err := t.plan(o)
	if err != nil {
		return nil, fmt.Errorf("tokenizer: encode: %w", err)
	}
	rows := make([]*encoding, len(texts))
	b := &Batch{Names: t.InputNames(), Truncated: make([]int, len(texts))}
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	const chunk = 16 // texts a goroutine takes at a time
	for lo := 0; lo < len(texts); lo += chunk {
		group.Go(func() error {
			mem := t.pool.Get().(*scratch)
			defer t.pool.Put(mem)
			for i := lo; i < min(lo+chunk, len(texts)); i++ {
				var second *string
				if o.Pairs != nil {
					second = &o.Pairs[i]
				}
				var err error
				if rows[i], b.Truncated[i], err = t.row(mem, texts[i], second, p, !o.NoSpecialTokens); err != nil {
					return fmt.Errorf("text %d: %w", i, err)
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, fmt.Errorf("tokenizer: encode: %w", err)
	}
	t.pad(rows, p)
	for _, e := range rows {
		b.InputIDs = append(b.InputIDs, notNil(e.ids))
		b.TokenTypeIDs = append(b.TokenTypeIDs, notNil(e.types))
		b.AttentionMask = append(b.AttentionMask, notNil(e.mask))
		b.SpecialTokensMask = append(b.SpecialTokensMask, notNil(e.special))
		b.Tokens = append(b.Tokens, notNil(e.tokens))
		b.Offsets = append(b.Offsets, notNil(e.offsets))
	}
	b.InputIDs, b.TokenTypeIDs, b.AttentionMask = notNil(b.InputIDs), notNil(b.TokenTypeIDs), notNil(b.AttentionMask)
	return b, nil
}

// notNil keeps an empty row from being written as null.
func notNil[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

// row is one text or pair, truncated and with special tokens; and the number of tokens cut off.
func (t *Tokenizer) row(mem *scratch, first string, second *string, p plan, special bool) (*encoding, int, error) {
	defer mem.reset()
	if err := t.encode(mem, &mem.first, first, 0); err != nil {
		return nil, 0, err
	}
	list := []*encoding{&mem.first}
	if second != nil {
		if err := t.encode(mem, &mem.second, *second, 1); err != nil {
			return nil, 0, err
		}
		list = append(list, &mem.second)
	}
	cut := 0
	var err error
	if p.truncation != NoTruncation {
		limit := p.length
		if special && t.postProcessor != nil {
			limit -= t.postProcessor.added(len(list) == 2)
		}
		// A length that the special tokens alone exceed counts as none, as in the reference.
		if limit < 0 {
			limit = math.MaxInt
		}
		if cut, err = truncate(list, limit, p.truncation, t.truncateLeft); err != nil {
			return nil, 0, err
		}
	}
	if t.postProcessor != nil {
		list = t.postProcessor.process(&mem.joined, list, special)
	}
	n := 0
	for _, e := range list {
		n += len(e.ids)
	}
	out := newEncoding(n)
	for _, e := range list {
		out.merge(e)
	}
	return out, cut, nil
}

// truncate cuts one or two texts so that limit tokens remain, and returns how many it took.
func truncate(list []*encoding, limit int, how Truncation, left bool) (int, error) {
	total := 0
	for _, e := range list {
		total += len(e.ids)
	}
	if total <= limit {
		return 0, nil
	}
	cut := total - limit
	switch {
	case limit == 0:
		for _, e := range list {
			e.truncate(0, left)
		}
	case how == LongestFirst && len(list) == 1:
		list[0].truncate(limit, left)
	case how == LongestFirst:
		a, b := shares(len(list[0].ids), len(list[1].ids), limit)
		list[0].truncate(a, left)
		list[1].truncate(b, left)
	case how == OnlySecond && len(list) == 1:
		return 0, fmt.Errorf("%w: the second text is to be truncated and there is none", ErrLength)
	default:
		e := list[0]
		if how == OnlySecond {
			e = list[1]
		}
		if len(e.ids) <= cut {
			return 0, fmt.Errorf("%w: a text of %d tokens cannot be cut by %d", ErrLength, len(e.ids), cut)
		}
		e.truncate(len(e.ids)-cut, left)
	}
	return cut, nil
}

// shares divides limit tokens between two texts that are longer together: the longer one is cut first, and of an odd
// rest it gets the one more.
func shares(a, b, limit int) (int, int) {
	if a > b {
		b, a = shares(b, a, limit)
		return a, b
	}
	if a > limit {
		b = a
	} else {
		b = max(a, limit-a)
	}
	if a+b > limit {
		a = limit / 2
		b = a + limit%2
	}
	return a, b
}

// pad fills all rows up to one length.
func (t *Tokenizer) pad(rows []*encoding, p plan) {
	if p.padding == NoPadding {
		return
	}
	n := p.length
	if p.padding == PadLongest {
		n = 0
		for _, e := range rows {
			n = max(n, len(e.ids))
		}
	}
	if p.multiple > 0 && n%p.multiple > 0 {
		n += p.multiple - n%p.multiple
	}
	for _, e := range rows {
		e.pad(n, p.padID, p.padToken, t.padLeft)
	}
}
