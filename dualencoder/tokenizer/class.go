package tokenizer

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// family is how a class of transformers treats its files and its tokenizer.json.
type family uint8

const (
	generic   family = iota // what tokenizer.json says
	bertKind                // the switches of tokenizer_config.json override the normaliser
	mpnetKind               // the same, but for Chinese characters
	gpt2Kind                // add_prefix_space overrides the pre-tokeniser
	bartKind                // and, with trim_offsets, the post-processor
	clipKind
	xlmrKind // from here on a sentencepiece model is the vocabulary
	camembertKind
	albertKind
	rembertKind
	bigBirdKind
)

// class is what one tokenizer class of transformers brings besides the files.
type class struct {
	name      string
	family    family
	noTypes   bool              // token_type_ids is no input
	tokens    map[string]string // special tokens by role, where no file says otherwise
	slow      map[string]string // the same for the class's own vocabulary files, where they differ
	mask      addedToken        // flags of a mask token given as a string; zero: none
	maskFixed bool              // mask.Normalized counts; else it is the opposite of special
	wrap      []string          // roles whose strings become AddedTokens
	more      []string          // additional special tokens, where no file says otherwise
}

func bertTokens() map[string]string {
	return map[string]string{"unk_token": "[UNK]", "sep_token": "[SEP]", "pad_token": "[PAD]", "cls_token": "[CLS]", "mask_token": "[MASK]"}
}

func robertaTokens() map[string]string {
	return map[string]string{"bos_token": "<s>", "eos_token": "</s>", "sep_token": "</s>", "cls_token": "<s>", "unk_token": "<unk>", "pad_token": "<pad>", "mask_token": "<mask>"}
}

func albertTokens() map[string]string {
	return map[string]string{"bos_token": "[CLS]", "eos_token": "[SEP]", "unk_token": "<unk>", "sep_token": "[SEP]", "pad_token": "<pad>", "cls_token": "[CLS]", "mask_token": "[MASK]"}
}

// rembertTokens are what RemBERT's slow class says; its fast one says what ALBERT's does.
func rembertTokens() map[string]string {
	tokens := bertTokens()
	tokens["bos_token"], tokens["eos_token"] = "[CLS]", "[SEP]"
	return tokens
}

// classes lists the classes that this package knows, by their names without "Fast".
func classes() []class {
	lstrip := addedToken{LStrip: true}
	all := []string{"bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token"}
	mpnet := robertaTokens()
	mpnet["unk_token"] = "[UNK]"
	bigBird := robertaTokens()
	bigBird["sep_token"], bigBird["cls_token"], bigBird["mask_token"] = "[SEP]", "[CLS]", "[MASK]"
	end := "<|endoftext|>"
	list := []class{
		{name: "DistilBertTokenizer", family: bertKind, noTypes: true, tokens: bertTokens()},
		{name: "MPNetTokenizer", family: mpnetKind, noTypes: true, tokens: mpnet, mask: lstrip, wrap: all},
		{name: "RobertaTokenizer", family: bartKind, noTypes: true, tokens: robertaTokens(), mask: lstrip, maskFixed: true},
		{name: "LongformerTokenizer", family: bartKind, noTypes: true, tokens: robertaTokens(), mask: lstrip, maskFixed: true},
		{name: "BartTokenizer", family: bartKind, noTypes: true, tokens: robertaTokens(), mask: addedToken{LStrip: true, Normalized: true, Special: true}, maskFixed: true},
		{name: "GPT2Tokenizer", family: gpt2Kind, noTypes: true, tokens: map[string]string{"unk_token": end, "bos_token": end, "eos_token": end}},
		{name: "CLIPTokenizer", family: clipKind, noTypes: true, tokens: map[string]string{"unk_token": end, "bos_token": "<|startoftext|>", "eos_token": end, "pad_token": end}},
		{name: "XLMRobertaTokenizer", family: xlmrKind, noTypes: true, tokens: robertaTokens(), mask: lstrip},
		{name: "CamembertTokenizer", family: camembertKind, noTypes: true, tokens: robertaTokens(), mask: addedToken{LStrip: true, Special: true}, more: []string{"<s>NOTUSED", "</s>NOTUSED", "<unk>NOTUSED"}},
		{name: "AlbertTokenizer", family: albertKind, tokens: albertTokens(), mask: lstrip, maskFixed: true},
		{name: "RemBertTokenizer", family: rembertKind, tokens: albertTokens(), slow: rembertTokens(), mask: lstrip},
		{name: "BigBirdTokenizer", family: bigBirdKind, noTypes: true, tokens: bigBird, mask: lstrip, wrap: all},
		{name: "PreTrainedTokenizer"},
	}
	for _, name := range []string{"Bert", "MobileBert", "SqueezeBert", "Electra", "ConvBert", "LayoutLM", "Lxmert", "Realm", "RetriBert"} {
		list = append(list, class{name: name + "Tokenizer", family: bertKind, tokens: bertTokens()})
	}
	return list
}

// classOf finds a class by its name in a config; one that is not listed has nothing beyond its tokenizer.json.
func classOf(name string) class {
	name = strings.TrimSuffix(name, "Fast")
	list := classes()
	if i := slices.IndexFunc(list, func(c class) bool { return c.name == name }); i >= 0 {
		return list[i]
	}
	return class{name: name}
}

func (c class) usesSentencePiece() bool { return c.family >= xlmrKind }

func (c class) inputNames() []string {
	if c.noTypes {
		return []string{"input_ids", "attention_mask"}
	}
	return []string{"input_ids", "token_type_ids", "attention_mask"}
}

// complete fills in the class's own special tokens, and its flags of those given as strings.
func (c class) complete(s *specialSet) {
	for role, content := range c.tokens {
		if _, ok := s.byRole[role]; !ok && !s.none[role] {
			s.byRole[role] = specialToken{addedToken: addedToken{Content: content}, plain: true}
		}
	}
	if !s.hasMore {
		for _, content := range c.more {
			s.more = append(s.more, specialToken{addedToken: addedToken{Content: content}, plain: true})
		}
	}
	for _, role := range c.wrap {
		if t, ok := s.byRole[role]; ok && t.plain {
			t.plain, t.undecided = false, true
			s.byRole[role] = t
		}
	}
	if t, ok := s.byRole["mask_token"]; ok && t.plain && c.mask != (addedToken{}) {
		content := t.Content
		t.addedToken, t.plain, t.undecided = c.mask, false, !c.maskFixed
		t.Content = content
		s.byRole["mask_token"] = t
	}
}

// freeze does what the slow classes do to the special tokens when a tokenizer is built from vocabulary files: some
// strings become AddedTokens (MPNet's special ones), and what was undecided is decided before all become special.
func (c class) freeze(s *specialSet) {
	wrap := map[family][]string{
		bartKind: {"bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token"},
		clipKind: {"bos_token", "eos_token", "unk_token"},
	}[c.family]
	for role, t := range s.byRole {
		if c.family == mpnetKind && t.undecided {
			t.Special = true
		}
		if t.plain && slices.Contains(wrap, role) {
			t.plain, t.undecided = false, true
		}
		s.byRole[role] = t.frozen()
	}
	for i, t := range s.more {
		s.more[i] = t.frozen()
	}
}

func (s specialToken) frozen() specialToken {
	if !s.plain && s.undecided {
		s.Normalized, s.undecided = !s.Special, false
	}
	return s
}

// ClassOf is the class of the tokenizer in the folder of a text tower alone,
// whose tokenizer_config.json does not say: that of config.json, or else the one that transformers
// has for the model_type.
func ClassOf(fsys fs.FS, modelType string) (string, error) {
	name, err := (&folder{FS: fsys}).classInModel()
	if err != nil {
		return "", fmt.Errorf("tokenizer: %w", err)
	}
	if name != "" {
		return name, nil
	}
	switch modelType {
	case "albert":
		return "AlbertTokenizer", nil
	case "big_bird":
		return "BigBirdTokenizer", nil
	case "camembert":
		return "CamembertTokenizer", nil
	case "data2vec-text", "ibert", "roberta", "roberta-prelayernorm":
		return "RobertaTokenizer", nil
	case "layoutlm":
		return "LayoutLMTokenizer", nil
	case "mobilebert":
		return "MobileBertTokenizer", nil
	case "mpnet":
		return "MPNetTokenizer", nil
	case "rembert":
		return "RemBertTokenizer", nil
	case "squeezebert":
		return "SqueezeBertTokenizer", nil
	case "xlm-roberta", "xlm-roberta-xl", "xmod":
		return "XLMRobertaTokenizer", nil
	}
	return "BertTokenizer", nil
}
