package tokenizer

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// postProcessor joins the encodings of one or two texts and puts the special tokens around them.
type postProcessor interface {
	// added is the number of special tokens for one text or for a pair.
	added(pair bool) int
	// process changes the encodings, or puts them together into out.
	process(out *encoding, list []*encoding, special bool) []*encoding
}

type postProcessors []postProcessor

func (s postProcessors) added(pair bool) (n int) {
	for _, p := range s {
		n += p.added(pair)
	}
	return n
}

func (s postProcessors) process(out *encoding, list []*encoding, special bool) []*encoding {
	for _, p := range s {
		list = p.process(out, list, special)
	}
	return list
}

// trimmer is the ByteLevel post-processor.
type trimmer struct{ on, prefixSpace bool }

func (trimmer) added(bool) int { return 0 }

func (p trimmer) process(_ *encoding, list []*encoding, _ bool) []*encoding {
	if p.on {
		for _, e := range list {
			trim(e, p.prefixSpace)
		}
	}
	return list
}

// templatePiece is a text (sequence 0 or 1) or, with sequence -1, special tokens.
type templatePiece struct {
	sequence int
	typeID   int64
	ids      []int
	tokens   []string
}

// template is TemplateProcessing: how one text and how two are laid out. BertProcessing is a case of it.
type template struct{ single, pair []templatePiece }

func (p template) pieces(pair bool) []templatePiece {
	if pair {
		return p.pair
	}
	return p.single
}

func (p template) added(pair bool) (n int) {
	for _, x := range p.pieces(pair) {
		n += len(x.ids)
	}
	return n
}

func (p template) process(out *encoding, list []*encoding, special bool) []*encoding {
	out.clear()
	for _, x := range p.pieces(len(list) == 2) {
		if x.sequence >= 0 {
			list[x.sequence].setType(x.typeID)
			out.merge(list[x.sequence])
		} else if special {
			for i, id := range x.ids {
				out.add(id, x.tokens[i], Span{}, x.typeID, 1)
			}
		}
	}
	return []*encoding{out}
}

// roberta is RobertaProcessing: every type id 0, two separators between the texts of a pair.
type roberta struct {
	trimmer
	template
}

func (p roberta) added(pair bool) int { return p.template.added(pair) }

func (p roberta) process(out *encoding, list []*encoding, special bool) []*encoding {
	return p.template.process(out, p.trimmer.process(out, list, special), special)
}

// specialID is a token with its id, in JSON ["[SEP]", 102].
type specialID struct {
	token string
	id    int
}

func (s *specialID) UnmarshalJSON(b []byte) error {
	var pair []json.RawMessage
	if err := json.Unmarshal(b, &pair); err != nil {
		return err
	}
	if len(pair) != 2 {
		return errors.New("want [token, id]")
	}
	var id uint32
	if err := errors.Join(json.Unmarshal(pair[0], &s.token), json.Unmarshal(pair[1], &id)); err != nil {
		return err
	}
	s.id = int(id)
	return nil
}

func (s specialID) piece(typeID int64) templatePiece {
	return templatePiece{-1, typeID, []int{s.id}, []string{s.token}}
}

// bertTemplate is [CLS] A [SEP], or [CLS] A [SEP] × seps B [SEP].
func bertTemplate(cls, sep specialID, seps int, secondType int64) template {
	a, b := templatePiece{sequence: 0}, templatePiece{sequence: 1, typeID: secondType}
	pair := []templatePiece{cls.piece(0), a}
	for range seps {
		pair = append(pair, sep.piece(0))
	}
	return template{
		single: []templatePiece{cls.piece(0), a, sep.piece(0)},
		pair:   append(pair, b, sep.piece(secondType)),
	}
}

func parsePostProcessor(raw json.RawMessage) (postProcessor, error) {
	p, err := postProcessorOf(raw, 0)
	if err != nil {
		return nil, fmt.Errorf("post_processor: %w", err)
	}
	return p, nil
}

func postProcessorOf(raw json.RawMessage, depth int) (postProcessor, error) {
	var c struct {
		Type           string            `json:"type"`
		Processors     []json.RawMessage `json:"processors"`
		Sep            *specialID        `json:"sep"`
		Cls            *specialID        `json:"cls"`
		TrimOffsets    *bool             `json:"trim_offsets"`
		AddPrefixSpace *bool             `json:"add_prefix_space"`
	}
	if err := json.Unmarshal(raw, &c); err != nil {
		return nil, err
	}
	on := func(b *bool) bool { return b == nil || *b }
	switch c.Type {
	case "BertProcessing", "RobertaProcessing":
		if c.Sep == nil || c.Cls == nil {
			return nil, fmt.Errorf("%s: sep or cls is missing", c.Type)
		}
		if c.Type == "BertProcessing" {
			return bert{bertTemplate(*c.Cls, *c.Sep, 1, 1)}, nil
		}
		return roberta{trimmer{on(c.TrimOffsets), on(c.AddPrefixSpace)}, bertTemplate(*c.Cls, *c.Sep, 2, 0)}, nil
	case "ByteLevel":
		return trimmer{on(c.TrimOffsets), on(c.AddPrefixSpace)}, nil
	case "TemplateProcessing":
		return parseTemplate(raw)
	case "Sequence":
		if depth >= maxDepth {
			return nil, errors.New("nested too deep")
		}
		seq, joined := postProcessors{}, false
		for _, r := range c.Processors {
			p, err := postProcessorOf(r, depth+1)
			if err != nil {
				return nil, err
			}
			if _, plain := p.(trimmer); !plain {
				if joined {
					return nil, &UnsupportedError{Component: "post_processor", Name: "Sequence that joins the texts twice"}
				}
				joined = true
			}
			seq = append(seq, p)
		}
		return seq, nil
	}
	return nil, &UnsupportedError{"post_processor", c.Type, []string{"BertProcessing", "ByteLevel", "RobertaProcessing", "Sequence", "TemplateProcessing"}}
}

// bert is BertProcessing, which without special tokens leaves the texts as they are.
type bert struct{ template }

func (p bert) process(out *encoding, list []*encoding, special bool) []*encoding {
	if !special {
		return list
	}
	return p.template.process(out, list, true)
}

func parseTemplate(raw json.RawMessage) (postProcessor, error) {
	type piece struct {
		SpecialToken *struct {
			ID     string `json:"id"`
			TypeID uint32 `json:"type_id"`
		}
		Sequence *struct {
			ID     string `json:"id"`
			TypeID uint32 `json:"type_id"`
		}
	}
	var c struct {
		Single  []piece `json:"single"`
		Pair    []piece `json:"pair"`
		Special map[string]struct {
			IDs    []uint32 `json:"ids"`
			Tokens []string `json:"tokens"`
		} `json:"special_tokens"`
	}
	if err := json.Unmarshal(raw, &c); err != nil {
		return nil, fmt.Errorf("TemplateProcessing: %w", err)
	}
	read := func(list []piece, texts int) ([]templatePiece, error) {
		out := make([]templatePiece, 0, len(list))
		for i, p := range list {
			switch {
			case p.Sequence != nil:
				n := slices.Index([]string{"A", "B"}[:texts], p.Sequence.ID)
				if n < 0 {
					return nil, fmt.Errorf("TemplateProcessing: piece %d: no text %q", i, p.Sequence.ID)
				}
				out = append(out, templatePiece{sequence: n, typeID: int64(p.Sequence.TypeID)})
			case p.SpecialToken != nil:
				s, ok := c.Special[p.SpecialToken.ID]
				if !ok || len(s.IDs) != len(s.Tokens) {
					return nil, fmt.Errorf("TemplateProcessing: piece %d: special token %q is not in special_tokens", i, p.SpecialToken.ID)
				}
				x := templatePiece{sequence: -1, typeID: int64(p.SpecialToken.TypeID), tokens: s.Tokens}
				for _, id := range s.IDs {
					x.ids = append(x.ids, int(id))
				}
				out = append(out, x)
			default:
				return nil, fmt.Errorf("TemplateProcessing: piece %d: want Sequence or SpecialToken", i)
			}
		}
		return out, nil
	}
	single, err := read(c.Single, 1)
	if err != nil {
		return nil, err
	}
	pair, err := read(c.Pair, 2)
	if err != nil {
		return nil, err
	}
	return template{single, pair}, nil
}
