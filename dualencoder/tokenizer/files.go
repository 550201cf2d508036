package tokenizer

import (
	"bytes"
	"fmt"
	"io/fs"
	"strings"
	"unicode/utf8"
)

// maxWordChars is BERT's limit of a word's length; a longer one is unknown.
const maxWordChars = 100

// lines splits a file as Python's text mode does: at \n, \r\n and \r; a line end at the end starts no further line.
func lines(name string, b []byte) ([]string, error) {
	if !utf8.Valid(b) {
		return nil, fmt.Errorf("%s: not UTF-8", name)
	}
	b = bytes.ReplaceAll(bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n")), []byte("\r"), []byte("\n"))
	if len(b) == 0 {
		return nil, nil
	}
	return strings.Split(strings.TrimSuffix(string(b), "\n"), "\n"), nil
}

// fromVocabTxt builds a WordPiece tokenizer: one token a line, the line's number its id.
func (f *folder) fromVocabTxt() (*Tokenizer, error) {
	if f.class.name == "" {
		f.class = classOf("BertTokenizer")
	}
	if f.class.family != bertKind && f.class.family != mpnetKind {
		return nil, f.unsupportedClass("vocab.txt", bertKind, mpnetKind)
	}
	b, err := fs.ReadFile(f.FS, "vocab.txt")
	if err != nil {
		return nil, err
	}
	list, err := lines("vocab.txt", b)
	if err != nil {
		return nil, err
	}
	ids := make(map[string]uint32, len(list))
	for i, token := range list {
		ids[token] = uint32(i)
	}
	if err := f.readSpecials(nil); err != nil {
		return nil, err
	}
	f.class.complete(&f.specials)
	f.class.freeze(&f.specials)
	n := &bertNormalizer{cleanText: true}
	f.own = n
	if n.lowercase, err = field(f.config, "do_lower_case", true); err != nil {
		return nil, err
	}
	if n.accents, err = field[*bool](f.config, "strip_accents", nil); err != nil {
		return nil, err
	}
	if n.chinese, err = field(f.config, "tokenize_chinese_chars", true); err != nil {
		return nil, err
	}
	n.prepare()
	v := newVocabulary(ids)
	cls, err := f.special(v, "cls_token")
	if err != nil {
		return nil, err
	}
	sep, err := f.special(v, "sep_token")
	if err != nil {
		return nil, err
	}
	seps := 1
	if f.class.family == mpnetKind {
		seps = 2
	}
	t := &Tokenizer{
		normalizer:    n,
		preTokenizer:  bertSplitter(),
		model:         newWordPiece(v, f.specials.byRole["unk_token"].Content, "##", maxWordChars),
		postProcessor: bertTemplate(cls, sep, seps, 1),
		decoder:       decodeWordPiece("##", true),
		added:         newAddedVocabulary(v),
	}
	return t, f.finish(t)
}

// fromMerges builds a byte-level BPE tokenizer, RoBERTa's if no class is named.
func (f *folder) fromMerges() (*Tokenizer, error) {
	if f.class.name == "" {
		f.class = classOf("RobertaTokenizer")
	}
	if f.class.family != bartKind && f.class.family != clipKind {
		return nil, f.unsupportedClass("vocab.json with merges.txt", bartKind, clipKind)
	}
	var ids map[string]uint32
	if _, err := f.readJSON("vocab.json", &ids); err != nil {
		return nil, err
	}
	merges, err := f.readMerges()
	if err != nil {
		return nil, err
	}
	if err := f.readSpecials(nil); err != nil {
		return nil, err
	}
	f.class.complete(&f.specials)
	f.class.freeze(&f.specials)
	v := newVocabulary(ids)
	clip := f.class.family == clipKind
	clsRole, sepRole, suffix := "cls_token", "sep_token", ""
	if clip {
		clsRole, sepRole, suffix = "bos_token", "eos_token", "</w>"
	}
	m, err := newBPE(v, merges, "", suffix)
	if err != nil {
		return nil, fmt.Errorf("merges.txt: %w", err)
	}
	cls, err := f.special(v, clsRole)
	if err != nil {
		return nil, err
	}
	sep, err := f.special(v, sepRole)
	if err != nil {
		return nil, err
	}
	alphabet := newByteAlphabet()
	t := &Tokenizer{model: m, decoder: alphabet, added: newAddedVocabulary(v)}
	if clip {
		unk := f.specials.byRole["unk_token"].Content
		m.unk = &unk
		t.wordSuffix = suffix
		nfc, err := newForm("NFC")
		if err != nil {
			return nil, err
		}
		t.normalizer = normalizers{nfc, normalizeFunc(func(x *text) { x.replace(scanner(scanSpace), []rune{' '}) }), newLowercase()}
		f.own = t.normalizer
		t.preTokenizer = preTokenizers{
			splitter{inverted{scanCLIP()}, removed},
			newByteLevel(false, true),
		}
		t.postProcessor = roberta{trimmer{}, bertTemplate(cls, sep, 2, 0)}
		return t, f.finish(t)
	}
	prefix, err := field(f.config, "add_prefix_space", false)
	if err != nil {
		return nil, err
	}
	trimOffsets, err := field(f.config, "trim_offsets", true)
	if err != nil {
		return nil, err
	}
	t.preTokenizer = newByteLevel(prefix, true)
	t.postProcessor = roberta{trimmer{trimOffsets, prefix}, bertTemplate(cls, sep, 2, 0)}
	return t, f.finish(t)
}

// clipMerges is how many merges CLIP's class reads, whatever the file holds.
const clipMerges = 49152 - 256 - 2

// readMerges reads merges.txt as the slow classes do: the first line is a heading; RoBERTa takes what follows the last
// line end for nothing, CLIP reads no more than it knows. Of equal merges the first counts.
func (f *folder) readMerges() ([][2]string, error) {
	b, err := fs.ReadFile(f.FS, "merges.txt")
	if err != nil {
		return nil, err
	}
	clip := f.class.family == clipKind
	if clip {
		b = bytes.TrimFunc(b, isPythonSpace)
	} else {
		b = b[:bytes.LastIndexAny(b, "\r\n")+1]
	}
	list, err := lines("merges.txt", b)
	if err != nil {
		return nil, err
	}
	if clip {
		list = list[:min(len(list), clipMerges+1)]
	}
	var out [][2]string
	seen := map[[2]string]bool{}
	for i, line := range list {
		parts := strings.FieldsFunc(line, isPythonSpace)
		if i == 0 || len(parts) == 0 {
			continue
		}
		if len(parts) != 2 {
			return nil, fmt.Errorf("merges.txt: line %d: %q: want two parts", i+1, line)
		}
		pair := [2]string{parts[0], parts[1]}
		if !seen[pair] {
			out = append(out, pair)
		}
		seen[pair] = true
	}
	return out, nil
}

// special is a special token that the post-processor needs. One that the vocabulary lacks has the id that the slow
// classes would give it, even where the added tokens come to have others.
func (f *folder) special(v *vocabulary, role string) (specialID, error) {
	t, ok := f.specials.byRole[role]
	if !ok {
		return specialID{}, fmt.Errorf("there is no %s", role)
	}
	return f.specialNamed(v, t.Content), nil
}

// specialNamed is special for a token that the class itself names; the unknown token's id where nothing declares it.
func (f *folder) specialNamed(v *vocabulary, content string) specialID {
	known := map[string]int{}
	size := len(v.ids)
	for content, id := range f.declaredIDs {
		if _, ok := v.ids[content]; !ok {
			size++
		}
		known[content] = id
	}
	for _, s := range f.specials.all() {
		_, declared := known[s.Content]
		if id, ok := v.ids[s.Content]; ok && !declared {
			known[s.Content] = id
		} else if !declared && s.Content != "" {
			known[s.Content] = size
			size++
		}
	}
	id, ok := known[content]
	if !ok {
		if id, ok = v.ids[content]; !ok {
			id = known[f.specials.byRole["unk_token"].Content]
		}
	}
	return specialID{content, id}
}

// unsupportedClass refuses a class whose way with the files this package does not have.
func (f *folder) unsupportedClass(files string, families ...family) error {
	e := &UnsupportedError{Component: "tokenizer_class with " + files, Name: f.class.name}
	for _, c := range classes() {
		for _, k := range families {
			if c.family == k {
				e.Supported = append(e.Supported, c.name)
			}
		}
	}
	return e
}
