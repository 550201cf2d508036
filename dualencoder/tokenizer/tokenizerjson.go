package tokenizer

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"
)

// addedTokenID is an entry of tokenizer.json's added_tokens.
type addedTokenID struct {
	addedToken
	id int
}

func (t *addedTokenID) UnmarshalJSON(b []byte) error {
	var id struct {
		ID uint32 `json:"id"`
	}
	if err := json.Unmarshal(b, &id); err != nil {
		return err
	}
	t.id = int(id.ID)
	return json.Unmarshal(b, &t.addedToken)
}

// fileJSON is tokenizer.json. Its padding and truncation only lend their token and sides to classes without any.
type fileJSON struct {
	Version       *string         `json:"version"`
	AddedTokens   []addedTokenID  `json:"added_tokens"`
	Normalizer    json.RawMessage `json:"normalizer"`
	PreTokenizer  json.RawMessage `json:"pre_tokenizer"`
	PostProcessor json.RawMessage `json:"post_processor"`
	Decoder       json.RawMessage `json:"decoder"`
	Model         json.RawMessage `json:"model"`
	Truncation    *struct {
		Direction string `json:"direction"`
	} `json:"truncation"`
	Padding *struct {
		Direction string `json:"direction"`
		PadToken  string `json:"pad_token"`
	} `json:"padding"`
}

func (f *folder) fromJSON() (*Tokenizer, error) {
	b, err := fs.ReadFile(f.FS, tokenizerFile)
	if err != nil {
		return nil, err
	}
	var c fileJSON
	if err := json.Unmarshal(b, &c); err != nil {
		return nil, fmt.Errorf("%s: %w", tokenizerFile, err)
	}
	if err := f.readSpecials(c.AddedTokens); err != nil {
		return nil, err
	}
	f.class.complete(&f.specials)
	if !isAbsent(c.Normalizer) { // added tokens are normalised by the file's own switches
		if f.own, err = parseNormalizer(c.Normalizer, 0); err != nil {
			return nil, fmt.Errorf("%s: %w", tokenizerFile, err)
		}
	}
	if err := f.override(&c); err != nil {
		return nil, err
	}
	t, err := c.build()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", tokenizerFile, err)
	}
	if c.Truncation != nil {
		t.truncateLeft = strings.EqualFold(c.Truncation.Direction, "left")
	}
	if c.Padding != nil {
		t.padLeft = strings.EqualFold(c.Padding.Direction, "left")
		if _, ok := f.specials.byRole["pad_token"]; !ok && c.Padding.PadToken != "" {
			f.specials.byRole["pad_token"] = specialToken{addedToken: addedToken{Content: c.Padding.PadToken}, plain: true}
		}
	}
	if m, ok := t.model.(*bpe); ok && f.class.family == clipKind {
		t.wordSuffix = m.suffix
	}
	return t, f.finish(t)
}

func isAbsent(raw json.RawMessage) bool { return len(raw) == 0 || string(raw) == "null" }

func (c *fileJSON) build() (*Tokenizer, error) {
	if c.Version != nil && *c.Version != "1.0" {
		return nil, &UnsupportedError{Component: "version", Name: *c.Version, Supported: []string{"1.0"}}
	}
	t := &Tokenizer{}
	var err error
	if t.model, err = parseModel(c.Model); err != nil {
		return nil, err
	}
	if !isAbsent(c.Normalizer) {
		if t.normalizer, err = parseNormalizer(c.Normalizer, 0); err != nil {
			return nil, err
		}
	}
	if !isAbsent(c.PreTokenizer) {
		if t.preTokenizer, err = parsePreTokenizer(c.PreTokenizer, 0); err != nil {
			return nil, err
		}
	}
	if !isAbsent(c.PostProcessor) {
		if t.postProcessor, err = parsePostProcessor(c.PostProcessor); err != nil {
			return nil, err
		}
	}
	if !isAbsent(c.Decoder) {
		if t.decoder, err = parseDecoder(c.Decoder, 0); err != nil {
			return nil, err
		}
	}
	t.added = newAddedVocabulary(t.model.words())
	tokens := make([]addedToken, len(c.AddedTokens))
	for i, a := range c.AddedTokens {
		tokens[i] = a.addedToken
	}
	t.added.add(tokens...)
	return t, nil
}

// override applies the switches of tokenizer_config.json that the classes of transformers put over tokenizer.json:
// a switch that the config lacks has the class's default, not the file's value.
func (f *folder) override(c *fileJSON) error {
	set := func(raw *json.RawMessage, name string, fallback any) error {
		if isAbsent(*raw) {
			return nil
		}
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(*raw, &fields); err != nil {
			return fmt.Errorf("%s: %w", tokenizerFile, err)
		}
		key := map[string]string{"do_lower_case": "lowercase", "tokenize_chinese_chars": "handle_chinese_chars"}[name]
		if key == "" {
			key = name
		}
		if _, ok := fields[key]; !ok {
			return nil
		}
		value, ok := f.config[name]
		if !ok {
			value, _ = json.Marshal(fallback)
		}
		fields[key] = value
		*raw, _ = json.Marshal(fields)
		return nil
	}
	type change struct {
		raw      *json.RawMessage
		name     string
		fallback any
	}
	var changes []change
	switch f.class.family {
	case bertKind:
		changes = append(changes, change{&c.Normalizer, "tokenize_chinese_chars", true})
		fallthrough
	case mpnetKind:
		changes = append(changes, change{&c.Normalizer, "do_lower_case", true}, change{&c.Normalizer, "strip_accents", nil})
	case bartKind:
		changes = append(changes, change{&c.PostProcessor, "add_prefix_space", false}, change{&c.PostProcessor, "trim_offsets", true})
		fallthrough
	case gpt2Kind:
		changes = append(changes, change{&c.PreTokenizer, "add_prefix_space", false})
	}
	for _, x := range changes {
		if err := set(x.raw, x.name, x.fallback); err != nil {
			return err
		}
	}
	return nil
}
