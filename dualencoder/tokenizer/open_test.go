package tokenizer

import (
	"errors"
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
		"negative maximum": {files("vocab.txt", vocabTxt, configFile, `{"model_max_length":-1}`), "negative", ""},
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
		{MaxLength: 1},
		{MaxLength: 2, Pairs: []string{"b"}},
		{Truncation: OnlySecond, MaxLength: 3},
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

// A text of 256 KiB without a space must not take more than linear or n log n time: this test would not end otherwise.
func TestLongLines(t *testing.T) {
	for _, name := range []string{"bert-json", "roberta-json", "clip-json", "xlmr-json"} {
		tok, err := Open(filepath.Join(textDir, name))
		require.NoError(t, err)
		for _, unit := range []string{"a", "\u0301\u0323", "中"} {
			text := strings.Repeat(unit, 1<<18/len(unit))
			_, err := tok.Encode([]string{text}, Options{})
			require.NoError(t, err)
		}
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
