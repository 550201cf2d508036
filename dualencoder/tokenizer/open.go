package tokenizer

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// ConfigName is the file that holds a tokenizer's class and switches.
const ConfigName = "tokenizer_config.json"

const (
	tokenizerFile   = "tokenizer.json"
	configFile      = ConfigName
	specialsFile    = "special_tokens_map.json"
	addedTokensFile = "added_tokens.json"
)

// sentencePieceFiles are the names under which checkpoints carry a sentencepiece model.
var sentencePieceFiles = []string{"sentencepiece.bpe.model", "spiece.model", "sentencepiece.model", "spm.model", "tokenizer.model"}

// supportedFiles is what a folder may hold, for errors.
var supportedFiles = []string{tokenizerFile, "vocab.txt", "vocab.json with merges.txt", "sentencepiece.bpe.model", "spiece.model", "sentencepiece.model"}

// Files are the names of all files of a folder that may belong to its tokenizer.
func Files() []string {
	return append([]string{tokenizerFile, configFile, specialsFile, addedTokensFile, "vocab.txt", "vocab.json", "merges.txt"}, sentencePieceFiles...)
}

// Open loads the tokenizer of a checkpoint folder. The error wraps ErrNoFiles where there is none, and is or wraps an
// *UnsupportedError where the folder needs what this package lacks.
func Open(dir string) (*Tokenizer, error) {
	if info, err := os.Stat(dir); err != nil {
		return nil, fmt.Errorf("tokenizer: open: %w", err)
	} else if !info.IsDir() {
		return nil, fmt.Errorf("tokenizer: open %s: not a folder", dir)
	}
	t, err := open(os.DirFS(dir))
	if err != nil {
		return nil, fmt.Errorf("tokenizer: open %s: %w", dir, err)
	}
	return t, nil
}

// OpenFS is Open for the root of a file system, such as an embedded one.
func OpenFS(fsys fs.FS) (*Tokenizer, error) {
	t, err := open(fsys)
	if err != nil {
		return nil, fmt.Errorf("tokenizer: open: %w", err)
	}
	return t, nil
}

// folder is a checkpoint folder's small files, read.
type folder struct {
	fs.FS
	config   map[string]json.RawMessage // tokenizer_config.json; nil if absent
	class    class
	specials specialSet
	declared []specialToken // added tokens by ascending id

	own         normalizer     // what added tokens are normalised with; nil: none
	declaredIDs map[string]int // the ids that the files give them
}

// readJSON reads a file into v; false if there is none.
func (f *folder) readJSON(name string, v any) (bool, error) {
	b, err := fs.ReadFile(f.FS, name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if err := json.Unmarshal(b, v); err != nil {
		return false, fmt.Errorf("%s: %w", name, err)
	}
	return true, nil
}

func (f *folder) has(name string) bool {
	_, err := fs.Stat(f.FS, name)
	return err == nil
}

func open(fsys fs.FS) (*Tokenizer, error) {
	f := &folder{FS: fsys, specials: newSpecialSet(), declaredIDs: map[string]int{}}
	if _, err := f.readJSON(configFile, &f.config); err != nil {
		return nil, err
	}
	name, err := field(f.config, "tokenizer_class", "")
	if err != nil {
		return nil, err
	}
	if name == "" { // config.json may name the class too; its model_type says nothing about the text half
		if name, err = f.classInModel(); err != nil {
			return nil, err
		}
	}
	f.class = classOf(name)
	var t *Tokenizer
	merges := f.has("vocab.json") && f.has("merges.txt")
	piece := slices.IndexFunc(sentencePieceFiles, f.has)
	switch { // of several kinds of files, those of the class
	case f.has(tokenizerFile):
		t, err = f.fromJSON()
	case piece >= 0 && f.class.usesSentencePiece():
		t, err = f.fromSentencePiece(sentencePieceFiles[piece])
	case merges && (f.class.family == bartKind || f.class.family == clipKind):
		t, err = f.fromMerges()
	case f.has("vocab.txt"):
		t, err = f.fromVocabTxt()
	case merges:
		t, err = f.fromMerges()
	case piece >= 0:
		t, err = f.fromSentencePiece(sentencePieceFiles[piece])
	default:
		return nil, f.missing()
	}
	if err != nil {
		return nil, err
	}
	t.added.refresh(f.own)
	t.cache, t.pool = new(wordCache), &sync.Pool{New: func() any { return new(scratch) }}
	return t, nil
}

func (f *folder) classInModel() (string, error) {
	var model struct {
		Class string `json:"tokenizer_class"`
	}
	_, err := f.readJSON("config.json", &model)
	return model.Class, err
}

func (f *folder) missing() error {
	for _, pair := range [][2]string{{"vocab.json", "merges.txt"}, {"merges.txt", "vocab.json"}} {
		if f.has(pair[0]) {
			return fmt.Errorf("%w: %s without %s", ErrNoFiles, pair[0], pair[1])
		}
	}
	return fmt.Errorf("%w: want %s", ErrNoFiles, strings.Join(supportedFiles, ", or "))
}

// field reads one field of tokenizer_config.json; null counts as absent.
func field[T any](config map[string]json.RawMessage, name string, otherwise T) (T, error) {
	raw, ok := config[name]
	if !ok || string(raw) == "null" {
		return otherwise, nil
	}
	var v T
	if err := json.Unmarshal(raw, &v); err != nil {
		return v, fmt.Errorf("%s: %s: %w", configFile, name, err)
	}
	return v, nil
}

// readSpecials collects the special and the added tokens that the small files declare. inTokenizerFile are those of
// tokenizer.json.
func (f *folder) readSpecials(inTokenizerFile []addedTokenID) error {
	if err := f.specials.read(f.config, configFile); err != nil {
		return err
	}
	byID := map[int]specialToken{}
	var known map[string]bool // whose flags also count for the roles; nil: all
	if raw, ok := f.config["added_tokens_decoder"]; ok {
		var decoder map[string]specialToken
		if err := json.Unmarshal(raw, &decoder); err != nil {
			return fmt.Errorf("%s: added_tokens_decoder: %w", configFile, err)
		}
		for key, t := range decoder {
			id, err := strconv.Atoi(key)
			if err != nil || t.plain {
				return fmt.Errorf("%s: added_tokens_decoder: %q: want an id with an object", configFile, key)
			}
			byID[id] = t
		}
	} else {
		if err := f.readOlder(byID, inTokenizerFile); err != nil {
			return err
		}
		known = map[string]bool{}
		for _, t := range inTokenizerFile {
			known[t.Content] = true
		}
	}
	ids := make([]int, 0, len(byID))
	byContent := map[string]specialToken{}
	for id := range byID {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		f.declared = append(f.declared, byID[id])
		if known == nil || known[byID[id].Content] {
			byContent[byID[id].Content] = byID[id]
		}
		f.declaredIDs[byID[id].Content] = id
	}
	for role, t := range f.specials.byRole {
		if flagged, ok := byContent[t.Content]; ok {
			f.specials.byRole[role] = flagged
		}
	}
	return nil
}

// readOlder reads the files that came before added_tokens_decoder.
func (f *folder) readOlder(byID map[int]specialToken, inTokenizerFile []addedTokenID) error {
	var specials map[string]json.RawMessage
	if _, err := f.readJSON(specialsFile, &specials); err != nil {
		return err
	}
	over := newSpecialSet()
	over.more = f.specials.more
	own := len(over.more)
	if err := over.read(specials, specialsFile); err != nil {
		return err
	}
	for role, t := range over.byRole {
		if !t.plain {
			t.Special = true
		}
		f.specials.byRole[role] = t
	}
	for role, none := range over.none {
		f.specials.none[role] = none
		if none {
			delete(f.specials.byRole, role)
		}
	}
	f.specials.more = over.more
	var added map[string]uint32
	if _, err := f.readJSON(addedTokensFile, &added); err != nil {
		return err
	}
	isSpecial := map[string]bool{} // objects in tokenizer_config.json do not count here
	for role, t := range f.specials.byRole {
		if _, ok := over.byRole[role]; ok || t.plain {
			isSpecial[t.Content] = true
		}
	}
	for i, t := range f.specials.more {
		if i >= own || t.plain {
			isSpecial[t.Content] = true
		}
	}
	for content, id := range added {
		special := isSpecial[content]
		byID[int(id)] = specialToken{addedToken: addedToken{Content: content, Normalized: !special, Special: special}}
	}
	for _, t := range inTokenizerFile {
		byID[t.id] = specialToken{addedToken: t.addedToken}
	}
	return nil
}

// finish sets what calls need from the config and the special tokens, and adds the declared tokens.
func (f *folder) finish(t *Tokenizer) error {
	t.added.declare(f.declared, &f.specials)
	t.class = f.class.name
	t.specials = make(map[string]string, len(f.specials.byRole))
	for role, s := range f.specials.byRole {
		t.specials[role] = s.Content
	}
	var err error
	if t.inputNames, err = field(f.config, "model_input_names", f.class.inputNames()); err != nil {
		return err
	}
	side := func(name string, before bool) (bool, error) {
		s, err := field(f.config, name, map[bool]string{false: "right", true: "left"}[before])
		if err == nil && s != "left" && s != "right" {
			err = fmt.Errorf(`%s: %s: %q: want "left" or "right"`, configFile, name, s)
		}
		return s == "left", err
	}
	if t.padLeft, err = side("padding_side", t.padLeft); err != nil {
		return err
	}
	if t.truncateLeft, err = side("truncation_side", t.truncateLeft); err != nil {
		return err
	}
	if t.cleanUp, err = field(f.config, "clean_up_tokenization_spaces", true); err != nil {
		return err
	}
	older, err := field(f.config, "max_len", math.Inf(1))
	if err != nil {
		return err
	}
	if t.maxLength, err = field(f.config, "model_max_length", older); err != nil {
		return err
	}
	return nil
}
