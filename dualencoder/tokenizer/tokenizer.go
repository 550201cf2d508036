package tokenizer

import (
	"math"
	"slices"
	"strings"
	"sync"
)

// Tokenizer is a loaded tokenizer. It is not changed after loading and safe for use by several goroutines at once.
type Tokenizer struct {
	normalizer    normalizer   // nil: none
	preTokenizer  preTokenizer // nil: none
	model         model
	postProcessor postProcessor // nil: none
	decoder       decoder       // nil: none
	added         *addedVocabulary
	settings

	cache *wordCache
	pool  *sync.Pool // of *scratch
}

// settings are what tokenizer_config.json, or the class of the tokenizer, decides about calls.
type settings struct {
	class        string
	inputNames   []string
	specials     map[string]string // "pad_token" → "[PAD]" …
	padLeft      bool
	truncateLeft bool
	maxLength    float64 // +Inf: none is known
	cleanUp      bool
	wordSuffix   string // CLIP: what stands for the space after a word in decoded text
}

// largestLength is the model_max_length above which transformers counts it as absent.
const largestLength = 1e20

// Class is the tokenizer class that the folder names, or the one taken in its place; without "Fast" at its end.
func (t *Tokenizer) Class() string { return t.class }

// InputNames are the fields that the model is to be given, in order: input_ids, token_type_ids, attention_mask.
func (t *Tokenizer) InputNames() []string { return slices.Clone(t.inputNames) }

// MaxLength is the folder's model_max_length; 0 where there is none.
func (t *Tokenizer) MaxLength() int {
	if t.maxLength > math.MaxInt32 || t.maxLength < 0 {
		return 0
	}
	return int(t.maxLength)
}

// Size is the number of distinct tokens, added ones included.
func (t *Tokenizer) Size() int {
	n := len(t.model.words().ids)
	for content := range t.added.ids {
		if _, ok := t.model.words().ids[content]; !ok {
			n++
		}
	}
	return n
}

// TokenID is the id of a token.
func (t *Tokenizer) TokenID(token string) (id int64, ok bool) {
	n, ok := t.added.id(token)
	return int64(n), ok
}

// Token is the token of an id.
func (t *Tokenizer) Token(id int64) (token string, ok bool) {
	if id < 0 || id > math.MaxUint32 {
		return "", false
	}
	return t.added.token(int(id))
}

// SpecialToken is the token that plays a role: "pad_token", "cls_token", "mask_token", "unk_token" …
func (t *Tokenizer) SpecialToken(role string) (token string, id int64, ok bool) {
	token, ok = t.specials[role]
	if !ok {
		return "", 0, false
	}
	id, ok = t.TokenID(token)
	if !ok && role != "unk_token" { // as transformers: a token that the vocabulary lacks has the unknown token's id
		_, id, ok = t.SpecialToken("unk_token")
	}
	return token, id, ok
}

// Decode turns ids back into text, without the special tokens if skipSpecial. Ids that stand for nothing are left out.
func (t *Tokenizer) Decode(ids []int64, skipSpecial bool) string {
	return t.DecodeRaw(ids, skipSpecial, t.cleanUp)
}

// DecodeRaw is Decode with clean_up_tokenization_spaces given instead of taken from tokenizer_config.json.
func (t *Tokenizer) DecodeRaw(ids []int64, skipSpecial, cleanUp bool) string {
	tokens := make([]string, 0, len(ids))
	for _, id := range ids {
		if s, ok := t.Token(id); ok && !(skipSpecial && t.added.special[s]) {
			tokens = append(tokens, s)
		}
	}
	var s string
	if t.decoder == nil {
		s = strings.Join(tokens, " ")
	} else {
		s = strings.Join(t.decoder.decode(tokens), "")
	}
	if t.wordSuffix != "" {
		s = strings.TrimFunc(strings.ReplaceAll(s, t.wordSuffix, " "), isPythonSpace)
	}
	if cleanUp {
		s = cleanup(s)
	}
	return s
}

// isPythonSpace is str.isspace, which knows four separators more than White_Space.
func isPythonSpace(r rune) bool { return isSpace(r) || r >= 0x1C && r <= 0x1F }

// DecodeBatch decodes each row.
func (t *Tokenizer) DecodeBatch(rows [][]int64, skipSpecial bool) []string {
	out := make([]string, len(rows))
	for i, ids := range rows {
		out[i] = t.Decode(ids, skipSpecial)
	}
	return out
}
