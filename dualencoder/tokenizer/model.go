package tokenizer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// model cuts one piece of text into vocabulary entries.
type model interface {
	// tokenize appends the tokens of a piece, which it does not keep.
	tokenize(mem *scratch, out []token, piece []byte) ([]token, error)
	words() *vocabulary
}

// vocabulary maps tokens to ids and back.
type vocabulary struct {
	ids    map[string]int
	tokens map[int]string
	size   int // where the ids of added tokens start
}

func newVocabulary(ids map[string]uint32) *vocabulary {
	v := &vocabulary{make(map[string]int, len(ids)), make(map[int]string, len(ids)), len(ids)}
	for t, id := range ids {
		v.ids[t] = int(id)
		// Two tokens may claim one id in a damaged file: the answer must not depend on the map's order.
		if old, ok := v.tokens[int(id)]; !ok || t < old {
			v.tokens[int(id)] = t
		}
	}
	return v
}

func (v *vocabulary) words() *vocabulary { return v }

// unknown is the token that stands for a piece the vocabulary cannot spell.
func (v *vocabulary) unknown(name string, n int) (token, error) {
	id, ok := v.ids[name]
	if !ok {
		return token{}, fmt.Errorf("%w %q", ErrNoUnknown, name)
	}
	return token{uint32(id), 0, int32(n), name}, nil
}

// wordLevel knows whole words only.
type wordLevel struct {
	*vocabulary
	unk string
}

func (m *wordLevel) tokenize(_ *scratch, out []token, s []byte) ([]token, error) {
	if id, ok := m.ids[string(s)]; ok {
		return append(out, token{uint32(id), 0, int32(len(s)), m.tokens[id]}), nil
	}
	t, err := m.unknown(m.unk, len(s))
	return append(out, t), err
}

type modelJSON struct {
	Type          string          `json:"type"`
	Vocab         json.RawMessage `json:"vocab"`
	Merges        json.RawMessage `json:"merges"`
	UnkToken      *string         `json:"unk_token"`
	UnkID         *int            `json:"unk_id"`
	Prefix        *string         `json:"continuing_subword_prefix"`
	Suffix        *string         `json:"end_of_word_suffix"`
	MaxInputChars *int            `json:"max_input_chars_per_word"`
	FuseUnk       bool            `json:"fuse_unk"`
	ByteFallback  bool            `json:"byte_fallback"`
	IgnoreMerges  bool            `json:"ignore_merges"`
	Dropout       *float64        `json:"dropout"`
}

func parseModel(raw json.RawMessage) (model, error) {
	if len(raw) == 0 || bytes.Equal(raw, []byte("null")) {
		return nil, errors.New("model: missing")
	}
	var c modelJSON
	if err := json.Unmarshal(raw, &c); err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	if c.Type == "" {
		c.Type = c.guess()
	}
	parse := map[string]func(*modelJSON) (model, error){
		"WordPiece": parseWordPiece, "BPE": parseBPE, "Unigram": parseUnigram, "WordLevel": parseWordLevel,
	}[c.Type]
	if parse == nil {
		return nil, &UnsupportedError{"model", c.Type, []string{"BPE", "Unigram", "WordLevel", "WordPiece"}}
	}
	m, err := parse(&c)
	if err != nil {
		return nil, fmt.Errorf("model: %s: %w", c.Type, err)
	}
	return m, nil
}

// guess tells the model of an old file, which has no type, by its fields.
func (c *modelJSON) guess() string {
	switch {
	case len(c.Merges) > 0:
		return "BPE"
	case c.MaxInputChars != nil && c.UnkToken != nil && c.Prefix != nil:
		return "WordPiece"
	case bytes.HasPrefix(bytes.TrimSpace(c.Vocab), []byte("[")):
		return "Unigram"
	case c.UnkToken != nil:
		return "WordLevel"
	}
	return ""
}

func (c *modelJSON) vocabulary() (*vocabulary, error) {
	if len(c.Vocab) == 0 {
		return nil, errors.New("vocab: missing")
	}
	var ids map[string]uint32
	if err := json.Unmarshal(c.Vocab, &ids); err != nil {
		return nil, fmt.Errorf("vocab: %w", err)
	}
	return newVocabulary(ids), nil
}

func parseWordLevel(c *modelJSON) (model, error) {
	v, err := c.vocabulary()
	if err != nil {
		return nil, err
	}
	if c.UnkToken == nil {
		return nil, errors.New("unk_token: missing")
	}
	return &wordLevel{v, *c.UnkToken}, nil
}
