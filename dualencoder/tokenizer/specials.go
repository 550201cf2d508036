package tokenizer

import (
	"encoding/json"
	"fmt"
	"slices"
)

// roles are the special tokens of transformers' tokenizers, in the order in which they are added.
var roles = []string{"bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"}

const moreRole = "additional_special_tokens"

// specialToken is a special token as a config gives it: a string, or an AddedToken whose normalized may be undecided
// until it is known whether the token is special.
type specialToken struct {
	addedToken
	plain     bool // a string
	undecided bool // normalized is not given: the opposite of special
}

func (s specialToken) token() addedToken {
	t := s.addedToken
	if s.undecided || s.plain {
		t.Normalized = !t.Special
	}
	return t
}

func (s *specialToken) UnmarshalJSON(b []byte) error {
	if json.Unmarshal(b, &s.Content) == nil {
		s.plain = true
		return nil
	}
	var c struct {
		Content    *string `json:"content"`
		SingleWord bool    `json:"single_word"`
		LStrip     bool    `json:"lstrip"`
		RStrip     bool    `json:"rstrip"`
		Normalized *bool   `json:"normalized"`
		Special    bool    `json:"special"`
	}
	if err := json.Unmarshal(b, &c); err != nil || c.Content == nil {
		return fmt.Errorf("want a string or an object with content, got %.80s", b)
	}
	s.addedToken = addedToken{*c.Content, c.SingleWord, c.LStrip, c.RStrip, c.Normalized != nil && *c.Normalized, c.Special}
	s.undecided = c.Normalized == nil
	return nil
}

// specialSet are the special tokens of a tokenizer by role, and the additional ones.
type specialSet struct {
	byRole map[string]specialToken
	none   map[string]bool // roles that a file sets to null: the class's default does not count either
	more   []specialToken

	hasMore bool // a file says which additional ones there are
}

func newSpecialSet() specialSet {
	return specialSet{byRole: map[string]specialToken{}, none: map[string]bool{}}
}

// read takes the special tokens out of tokenizer_config.json or special_tokens_map.json.
func (s *specialSet) read(config map[string]json.RawMessage, file string) error {
	isNull := func(raw json.RawMessage) bool { return len(raw) == 0 || string(raw) == "null" }
	for _, role := range roles {
		raw, ok := config[role]
		if !ok {
			continue
		}
		s.none[role] = isNull(raw)
		if s.none[role] {
			continue
		}
		var t specialToken
		if err := json.Unmarshal(raw, &t); err != nil {
			return fmt.Errorf("%s: %s: %w", file, role, err)
		}
		s.byRole[role] = t
	}
	if raw, ok := config[moreRole]; ok {
		s.hasMore = true
		if isNull(raw) {
			return nil
		}
		var more []specialToken
		if err := json.Unmarshal(raw, &more); err != nil {
			return fmt.Errorf("%s: %s: %w", file, moreRole, err)
		}
		for _, t := range more {
			if !slices.Contains(s.more, t) {
				s.more = append(s.more, t)
			}
		}
	}
	return nil
}

// all lists the special tokens by role, each content once, and then the additional ones that are none of these.
func (s *specialSet) all() []specialToken {
	var out []specialToken
	seen := map[string]bool{}
	for _, role := range roles {
		if t, ok := s.byRole[role]; ok && !seen[t.Content] {
			out = append(out, t)
			seen[t.Content] = true
		}
	}
	for _, t := range s.more {
		if !seen[t.Content] {
			out = append(out, t)
		}
	}
	return out
}

// declare adds the tokens of the config and the special tokens to those the backend already has.
func (v *addedVocabulary) declare(config []specialToken, s *specialSet) {
	all := s.all()
	known := map[string]bool{}
	for _, t := range v.byID {
		known[t.Content] = true
	}
	for _, t := range config {
		known[t.Content] = true
	}
	toAdd := slices.Clone(config)
	for _, t := range all {
		listed := slices.ContainsFunc(toAdd, func(o specialToken) bool {
			return o.plain == t.plain && o.token() == t.token()
		})
		if !listed && !(t.plain && known[t.Content]) {
			toAdd = append(toAdd, t)
		}
	}
	isSpecial := map[string]bool{}
	for _, t := range all {
		isSpecial[t.Content] = true
	}
	tokens := make([]addedToken, len(toAdd))
	for i, t := range toAdd {
		t.Special = t.Special || isSpecial[t.Content]
		tokens[i] = t.token()
	}
	v.add(tokens...)
}
