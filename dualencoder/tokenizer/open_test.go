package tokenizer

import (
	"errors"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func files(pairs ...string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for i := 0; i < len(pairs); i += 2 {
		fsys[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	return fsys
}

const vocabTxt = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n##b\n"

func TestRefusals(t *testing.T) {
	model := `"model":{"type":"WordLevel","unk_token":"a","vocab":{"a":0}}`
	for name, c := range map[string]struct {
		fsys fstest.MapFS
		want string // in the error
		as   string // Component of an UnsupportedError
	}{
		"empty folder":     {files(), "no tokenizer files: want tokenizer.json, or vocab.txt, or vocab.json with merges.txt, or sentencepiece", ""},
		"half of BPE":      {files("vocab.json", "{}"), "vocab.json without merges.txt", ""},
		"sentencepiece":    {files("spiece.model", "x"), "spiece.model: unexpected EOF", ""},
		"no pieces":        {files("spiece.model", ""), "spiece.model: no sentencepiece model", ""},
		"piece":            {files("spiece.model", "\n\x03\n\x01\xff"), "spiece.model: piece 0: not UTF-8", ""},
		"score":            {files("spiece.model", "\n\x08\n\x01a\x15\x00\x00\xc0\x7f"), "piece 0: score NaN", ""},
		"trained as words": {files("spiece.model", "\n\x03\n\x01a\x12\x02\x18\x03"), "supported: unigram, bpe", "sentencepiece model_type"},
		"spm's unk_id":     {files("spiece.model", "\n\x03\n\x01a\x12\x03\xc0\x02\x05"), "unk_id: 5, and the vocabulary has 1", ""},
		"spm's class":      {files("spiece.model", "\n\x03\n\x01a", configFile, `{"tokenizer_class":"T5Tokenizer"}`), "AlbertTokenizer", "tokenizer_class with spiece.model"},
		"spm, no class":    {files("tokenizer.model", "\n\x03\n\x01a"), "tokenizer.model", "file without tokenizer_class"},
		"no JSON":          {files(tokenizerFile, "{"), "tokenizer.json: unexpected end", ""},
		"no model":         {files(tokenizerFile, "{}"), "tokenizer.json: model: missing", ""},
		"version":          {files(tokenizerFile, `{"version":"2.0",`+model+`}`), `"2.0"`, "version"},
		"model":            {files(tokenizerFile, `{"model":{"type":"Morse","vocab":{}}}`), "supported: BPE, Unigram, WordLevel, WordPiece", "model"},
		"dropout":          {files(tokenizerFile, `{"model":{"type":"BPE","vocab":{},"merges":[],"dropout":0.1}}`), "dropout", "model"},
		"merge":            {files(tokenizerFile, `{"model":{"type":"BPE","vocab":{"a":0},"merges":["a b"]}}`), `merge 0: "a" "b": not in the vocabulary`, ""},
		"unk_id":           {files(tokenizerFile, `{"model":{"type":"Unigram","vocab":[["a",0]],"unk_id":1}}`), "unk_id: 1, and the vocabulary has 1", ""},
		"normalizer":       {files(tokenizerFile, `{"normalizer":{"type":"Rot13"},`+model+`}`), `"Rot13"`, "normalizer"},
		"pre-tokeniser":    {files(tokenizerFile, `{"pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"UnicodeScripts"}]},`+model+`}`), "UnicodeScripts", "pre_tokenizer"},
		"post-processor":   {files(tokenizerFile, `{"post_processor":{"type":"X"},`+model+`}`), `"X"`, "post_processor"},
		"template":         {files(tokenizerFile, `{"post_processor":{"type":"TemplateProcessing","single":[{"Sequence":{"id":"B","type_id":0}}]},`+model+`}`), `no text "B"`, ""},
		"decoder":          {files(tokenizerFile, `{"decoder":{"type":"X"},`+model+`}`), `"X"`, "decoder"},
		"look-behind":      {files(tokenizerFile, `{"pre_tokenizer":{"type":"Split","pattern":{"Regex":"(?<=a)b"},"behavior":"Removed"},`+model+`}`), "look-around", "regular expression"},
		"possessive":       {files(tokenizerFile, `{"pre_tokenizer":{"type":"Split","pattern":{"Regex":"a++"},"behavior":"Removed"},`+model+`}`), "possessive", "regular expression"},
		"charsmap":         {files(tokenizerFile, `{"normalizer":{"type":"Precompiled","precompiled_charsmap":"/////w=="},`+model+`}`), "trie of 1073741823 units in a charsmap of 4 bytes", ""},
		"class":            {files("vocab.txt", vocabTxt, configFile, `{"tokenizer_class":"BertJapaneseTokenizer"}`), "BertTokenizer", "tokenizer_class with vocab.txt"},
		"side":             {files("vocab.txt", vocabTxt, configFile, `{"padding_side":"up"}`), `padding_side: "up"`, ""},
		"switch's type":    {files("vocab.txt", vocabTxt, configFile, `{"do_lower_case":"yes"}`), "tokenizer_config.json: do_lower_case", ""},
		"vocab not UTF-8":  {files("vocab.txt", "a\n\xff\n"), "vocab.txt: not UTF-8", ""},
		"merges' parts":    {files("vocab.json", `{"<s>":0}`, "merges.txt", "#version\na b c\n"), "merges.txt: line 2", ""},
	} {
		_, err := OpenFS(c.fsys)
		require.Error(t, err, name)
		assert.Contains(t, err.Error(), c.want, name)
		var refused *UnsupportedError
		if assert.Equal(t, c.as != "", errors.As(err, &refused), "%s: %v", name, err) && c.as != "" {
			assert.Equal(t, c.as, refused.Component, name)
		}
	}
	_, err := OpenFS(files())
	assert.ErrorIs(t, err, ErrNoFiles)
	_, err = Open(filepath.Join(textDir, "none"))
	assert.ErrorContains(t, err, "none")
	_, err = Open(filepath.Join(textDir, "calls.json"))
	assert.ErrorContains(t, err, "not a folder")
}

func TestImpossibleCalls(t *testing.T) {
	tok, err := OpenFS(files("vocab.txt", vocabTxt))
	require.NoError(t, err)
	for _, o := range []Options{
		{MaxLength: -1},
		{Truncation: OnlySecond, MaxLength: 3},
		{Truncation: OnlyFirst, MaxLength: 4, Pairs: []string{"a a a"}},
		{Padding: PadMaxLength, Truncation: LongestFirst, MaxLength: 7, PadToMultipleOf: 4},
	} {
		_, err := tok.Encode([]string{"ab ab ab"}, o)
		assert.ErrorIs(t, err, ErrLength, "%+v", o)
	}
	_, err = tok.Encode([]string{"a"}, Options{Pairs: []string{}})
	assert.ErrorContains(t, err, "1 texts and 0 second texts")

	tok, err = OpenFS(files("vocab.txt", vocabTxt, configFile, `{"pad_token":null}`))
	require.NoError(t, err)
	_, err = tok.Encode([]string{"a"}, Options{Padding: PadLongest})
	assert.ErrorIs(t, err, ErrNoPadToken)

	tok, err = OpenFS(files(tokenizerFile, `{"model":{"type":"WordLevel","unk_token":"?","vocab":{"a":0}}}`))
	require.NoError(t, err)
	_, err = tok.Encode([]string{"a", "b"}, Options{})
	assert.ErrorIs(t, err, ErrNoUnknown)
	assert.ErrorContains(t, err, "text 1")
}

// Where a folder has several kinds of vocabularies, the class says which one counts.
func TestFilesOfTheClass(t *testing.T) {
	for class, size := range map[string]int{"AlbertTokenizer": 6, "RobertaTokenizer": 8, "BertTokenizer": 7, "": 7} {
		tok, err := OpenFS(files("vocab.txt", vocabTxt, "spiece.model", "\n\x03\n\x01a",
			"vocab.json", `{"<s>":0,"</s>":1,"<unk>":2,"<pad>":3,"x":4,"y":5,"z":6}`, "merges.txt", "#version\n", configFile, `{"tokenizer_class":"`+class+`"}`))
		require.NoError(t, err, class)
		assert.Equal(t, size, tok.Size(), class)
	}
}

// A tokenizer.json's own padding and truncation give way to the call's; absent ones switch them off.
func TestOwnPaddingAndTruncation(t *testing.T) {
	tok, err := OpenFS(files(tokenizerFile, `{"truncation":{"max_length":2,"strategy":"LongestFirst","stride":0,"direction":"Left"},
		"padding":{"strategy":{"Fixed":128},"direction":"Left","pad_id":0,"pad_type_id":0,"pad_token":"p","pad_to_multiple_of":null},
		"pre_tokenizer":{"type":"Whitespace"},"model":{"type":"WordLevel","unk_token":"u","vocab":{"p":0,"u":1,"a":2,"b":3,"c":4}}}`))
	require.NoError(t, err)
	b, err := tok.Encode([]string{"a b c", "a"}, Options{})
	require.NoError(t, err)
	assert.Equal(t, [][]int64{{2, 3, 4}, {2}}, b.InputIDs)
	b, err = tok.Encode([]string{"a b c", "a"}, Options{Padding: PadLongest, Truncation: LongestFirst, MaxLength: 2})
	require.NoError(t, err)
	assert.Equal(t, [][]int64{{3, 4}, {0, 2}}, b.InputIDs, "the file's sides and padding token stay")
	assert.Equal(t, []int{1, 0}, b.Truncated)
}

// A length below the number of special tokens truncates nothing, as in the reference; so does a model_max_length of 0.
func TestLengthBelowSpecialTokens(t *testing.T) {
	for max, config := range map[int]string{0: `{"model_max_length":0}`, 1: `{}`, -1: `{"model_max_length":-1}`} {
		tok, err := OpenFS(files("vocab.txt", vocabTxt, configFile, config))
		require.NoError(t, err)
		o := Options{Truncation: LongestFirst, Padding: PadMaxLength, MaxLength: max}
		if max < 0 {
			o.MaxLength = 0
			_, err = tok.Encode([]string{"ab"}, o)
			assert.ErrorIs(t, err, ErrLength)
			o = Options{}
		}
		b, err := tok.Encode([]string{"ab"}, o)
		require.NoError(t, err)
		assert.Equal(t, [][]int64{{2, 5, 6, 3}}, b.InputIDs)
		if max == 0 {
			o.NoSpecialTokens = true
			b, err = tok.Encode([]string{"ab"}, o)
			require.NoError(t, err)
			assert.Equal(t, [][]int64{{}}, b.InputIDs)
		}
	}
}

// A line of 1 MB without a space takes no more than linear or n log n time: this test would not end otherwise.
func TestLongLines(t *testing.T) {
	long := func(unit string, n int) string { return strings.Repeat(unit, n/len(unit)) }
	text := long("a", 300_000) + long("\u0301\u0323", 100_000) + long("中", 200_000) + long("\u200d👩", 100_000) + long("ab1,é", 300_000)
	for _, tok := range allTokenizers(t) {
		b, err := tok.Encode([]string{text}, Options{})
		require.NoError(t, err)
		require.NotEmpty(t, b.InputIDs[0])
	}
}

// allTokenizers are those of all golden files, by their paths.
func allTokenizers(t testing.TB) map[string]*Tokenizer {
	out := map[string]*Tokenizer{}
	backends, err := filepath.Glob(filepath.Join(tokenizersDir, "*.ref.json"))
	require.NoError(t, err)
	for _, path := range backends {
		path = strings.TrimSuffix(path, ".ref.json") + ".json"
		out[path] = openFile(t, path)
	}
	folders, err := filepath.Glob(filepath.Join(textDir, "*", "tokenizer_config.json"))
	require.NoError(t, err)
	for _, path := range folders {
		if out[path], err = Open(filepath.Dir(path)); err != nil {
			require.NoError(t, err)
		}
	}
	require.Len(t, out, 28)
	return out
}

// A slow way through gives what the quick ones do: no word remembered, no character looked up in a table.
func TestQuickWays(t *testing.T) {
	var strs []string
	readJSON(t, filepath.Join(tokenizersDir, "strings.json"), &strs)
	random := rand.New(rand.NewPCG(1, 2))
	odd := []string{" ", "\u0301", "\u0323", "\u1101", "\u1161", "\u11a8", "각", "\u200d", "👩", "🇮🇹", "か\u3099", "क\u094d", "İ", "中", "\u302e", "\U0001d165", "\u0344", "\r\n", "ﬁ"}
	for range 600 {
		var b strings.Builder
		for range random.IntN(30) {
			if random.IntN(2) == 0 {
				b.WriteString(odd[random.IntN(len(odd))])
			} else {
				b.WriteRune([]rune{rune(random.IntN(0x300)), 0x300 + rune(random.IntN(0x3000)), 0xA000 + rune(random.IntN(0x3700)), 0xE000 + rune(random.IntN(0x3000)), 0x10000 + rune(random.IntN(0xF0000))}[random.IntN(5)])
			}
		}
		strs = append(strs, b.String())
	}
	for path, tok := range allTokenizers(t) {
		want, err := tok.Encode(strs, Options{})
		require.NoError(t, err)
		again, err := tok.Encode(strs, Options{})
		require.NoError(t, err)
		require.Equal(t, want, again, path)
		for i, s := range strs {
			x, y := newText(nil, decode(nil, s)), newText(&scratch{}, decode(nil, s))
			slowly(tok.normalizer, &x)
			if tok.normalizer != nil {
				tok.normalizer.normalize(&y)
			}
			require.Equal(t, string(x.runes), string(y.runes), "%s: %q", path, strs[i])
			require.Equal(t, append([]Span{}, x.align...), append([]Span{}, y.align...), "%s: %q", path, strs[i])
		}
	}
}

// slowly normalises without any table.
func slowly(n normalizer, t *text) {
	switch n := n.(type) {
	case normalizers:
		for _, x := range n {
			slowly(x, t)
		}
	case *mapping:
		n.slow(t)
	case *bertNormalizer:
		n.inSteps(t)
	case *form:
		plain := *n
		plain.plain = newRuneTable(func(rune) uint32 { return 0 })
		plain.parts = nil
		plain.normalize(t)
	case *charsmap:
		every := *n
		every.classes = newRuneTable(func(r rune) uint32 { return n.class(r) &^ charAlone })
		every.normalize(t)
	case nil:
	default:
		n.normalize(t)
	}
}

func TestManyGoroutines(t *testing.T) {
	tok, err := Open(filepath.Join(textDir, "albert-json"))
	require.NoError(t, err)
	var strs []string
	readJSON(t, filepath.Join(tokenizersDir, "strings.json"), &strs)
	want, err := tok.Encode(strs, Options{})
	require.NoError(t, err)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			got, err := tok.Encode(strs, Options{})
			assert.NoError(t, err)
			assert.Equal(t, want, got)
			tok.DecodeBatch(got.InputIDs, true)
		})
	}
	all.Wait()
}

// The ill-formed sequences of Unicode 15, tables 3-8 to 3-11, and what CPython's errors="replace" makes of them.
func TestIllFormedUTF8(t *testing.T) {
	for in, want := range map[string]int{
		"\xc0\xaf\xe0\x80\xbf\xf0\x81\x82A": 8, "\xed\xa0\x80\xed\xbf\xbf\xed\xafA": 8,
		"\xf4\x91\x92\x93\xffA\x80\xbfB": 7, "\xe1\x80\xe2\xf0\x91\x92\xf1\xbfA": 4, "\xf0\x9f": 1, "é\xc3": 1,
	} {
		assert.Equal(t, want, strings.Count(string(decode(nil, in)), "\uFFFD"), "%q", in)
	}
}
