package tokenizer

import (
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

var oddTexts = []string{
	"", " ", "a", "Hello, world! isn't", "e\u0301 İ ß", "中文 가각", "<s> [MASK] </s><mask> ", "\x00\xff\xf0\x9f", "👨‍👩‍👧 1️⃣",
	"''``  ▁Ġ##ing",
}

// use calls everything that a loaded tokenizer offers; nothing of it may panic, whatever was loaded.
func use(t *testing.T, tok *Tokenizer, texts ...string) {
	for _, o := range []Options{
		{},
		{Padding: PadLongest, Truncation: LongestFirst, MaxLength: 8},
		{Pairs: texts, Truncation: OnlySecond, MaxLength: 6, NoSpecialTokens: true},
	} {
		b, err := tok.Encode(texts, o)
		if err != nil {
			continue
		}
		for i, row := range b.Offsets {
			require.Len(t, row, len(b.InputIDs[i]))
			longest := len(decode(nil, texts[i]))
			for k, s := range row {
				require.True(t, 0 <= s.Start && s.Start <= s.End && s.End <= longest, "%q: token %d %q: %v", texts[i], k, b.Tokens[i][k], s)
			}
		}
		for _, s := range tok.DecodeBatch(b.InputIDs, true) {
			require.True(t, utf8.ValidString(s), "%q", s)
		}
		_, err = b.MarshalJSON()
		require.NoError(t, err)
	}
}

func FuzzTokenizerJSON(f *testing.F) {
	for _, seed := range []string{
		`{"model":{"type":"WordPiece","unk_token":"[UNK]","continuing_subword_prefix":"##","max_input_chars_per_word":5,"vocab":{"[UNK]":0,"a":1,"##b":2}},"normalizer":{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":null,"lowercase":true},"pre_tokenizer":{"type":"BertPreTokenizer"},"decoder":{"type":"WordPiece","prefix":"##","cleanup":true},"added_tokens":[{"id":0,"content":"[UNK]","special":true,"lstrip":true}]}`,
		`{"model":{"type":"BPE","unk_token":"u","end_of_word_suffix":"</w>","fuse_unk":true,"byte_fallback":true,"vocab":{"a":0,"b</w>":1,"ab</w>":2,"u":3,"<0x00>":4},"merges":[["a","b</w>"]]},"normalizer":{"type":"Sequence","normalizers":[{"type":"NFC"},{"type":"Replace","pattern":{"Regex":"\\s+"},"content":" "},{"type":"Lowercase"},{"type":"Strip","strip_left":true,"strip_right":true},{"type":"Prepend","prepend":"x"}]},"pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":"\\p{L}+|\\s+(?!\\S)|\\s+"},"behavior":"Isolated","invert":false},{"type":"ByteLevel","add_prefix_space":true}]},"post_processor":{"type":"RobertaProcessing","sep":["a",0],"cls":["u",3]},"decoder":{"type":"ByteLevel"}}`,
		`{"model":{"type":"Unigram","unk_id":0,"byte_fallback":true,"vocab":[["<unk>",0],["▁a",-1.5],["b",-2]]},"normalizer":{"type":"Precompiled","precompiled_charsmap":"CAAAAAAAAAABAAAAYQA="},"pre_tokenizer":{"type":"Metaspace","replacement":"▁","prepend_scheme":"first","split":false},"post_processor":{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"x","type_id":0}},{"Sequence":{"id":"A","type_id":1}}],"pair":[{"Sequence":{"id":"B","type_id":1}}],"special_tokens":{"x":{"id":"x","ids":[7],"tokens":["x"]}}},"decoder":{"type":"Sequence","decoders":[{"type":"Metaspace","replacement":"▁"},{"type":"ByteFallback"},{"type":"Strip","content":" ","start":1,"stop":2},{"type":"CTC"},{"type":"BPEDecoder"},{"type":"Fuse"}]}}`,
		`{"model":{"type":"WordLevel","unk_token":"a","vocab":{"a":0}},"pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"Digits"},{"type":"Punctuation","behavior":"MergedWithNext"},{"type":"Whitespace"},{"type":"CharDelimiterSplit","delimiter":"b"}]},"normalizer":{"type":"Nmt"},"padding":{"direction":"Left","pad_token":"a"}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		tok, err := OpenFS(fstest.MapFS{tokenizerFile: {Data: data}})
		if err == nil {
			use(t, tok, oddTexts...)
		}
	})
}

func FuzzVocabTxt(f *testing.F) {
	f.Add([]byte("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n##b\n"), []byte(`{"tokenizer_class":"BertTokenizer","model_max_length":5}`))
	f.Add([]byte("<pad>\r\n[UNK]\r<s>\n</s>\n\n<mask>\na"), []byte(`{"tokenizer_class":"MPNetTokenizer","mask_token":{"content":"m"}}`))
	f.Fuzz(func(t *testing.T, vocab, config []byte) {
		tok, err := OpenFS(fstest.MapFS{"vocab.txt": {Data: vocab}, configFile: {Data: config}})
		if err == nil {
			use(t, tok, oddTexts...)
		}
	})
}

func FuzzMerges(f *testing.F) {
	f.Add([]byte(`{"<s>":0,"</s>":1,"<unk>":2,"<pad>":3,"a":4,"b":5,"ab":6}`), []byte("#version: 0.2\na b\n"), []byte(`{"added_tokens_decoder":{"7":{"content":"x","lstrip":true}},"mask_token":{"content":"m"}}`))
	f.Add([]byte(`{"<|startoftext|>":0,"<|endoftext|>":1,"a</w>":2,"b":3,"ba</w>":4}`), []byte("#\nb a</w>\n"), []byte(`{"tokenizer_class":"CLIPTokenizer","padding_side":"left"}`))
	f.Fuzz(func(t *testing.T, vocab, merges, config []byte) {
		tok, err := OpenFS(fstest.MapFS{"vocab.json": {Data: vocab}, "merges.txt": {Data: merges}, configFile: {Data: config}})
		if err == nil {
			use(t, tok, oddTexts...)
		}
	})
}

func FuzzSentencePiece(f *testing.F) {
	unigram := "\n\x0e\n\x05<unk>\x15\x00\x00\x00\x00\x18\x02" + "\n\x0b\n\x04\xe2\x96\x81a\x15\x00\x00\x80\xbf" + "\n\x08\n\x01b\x15\x00\x00\x00\xc0" + "\n\x09\n\x021,\x15\x00\x00\x00\xc0"
	f.Add([]byte(unigram+"\x12\x05\x18\x01\xc0\x02\x00"+"\x1a\x0d\x12\x0b\x04\x00\x00\x00\x00\x04\x00\x00a\x00b"), uint8(0), []byte(`{"keep_accents":false}`))
	f.Add([]byte(unigram+"\n\x08\n\x01a\x15\x00\x00\x00\xc0"+"\n\x09\n\x02ab\x15\x00\x00\x00\xc0"+"\x12\x02\x18\x02"), uint8(4), []byte(`{"padding_side":"left","mask_token":"ab"}`))
	names := []string{"AlbertTokenizer", "RemBertTokenizer", "XLMRobertaTokenizer", "CamembertTokenizer", "BigBirdTokenizer"}
	f.Fuzz(func(t *testing.T, model []byte, class uint8, config []byte) {
		fsys := fstest.MapFS{"spiece.model": {Data: model}, configFile: {Data: config}}
		fsys["config.json"] = &fstest.MapFile{Data: []byte(`{"tokenizer_class":"` + names[int(class)%len(names)] + `"}`)}
		if tok, err := OpenFS(fsys); err == nil {
			use(t, tok, oddTexts...)
		}
	})
}

func FuzzText(f *testing.F) {
	for _, s := range oddTexts {
		f.Add(s)
	}
	var all []*Tokenizer
	for _, name := range []string{"bert-json", "bert-nochinese-keepaccents", "roberta-json", "clip-json", "xlmr-json", "albert-json", "mpnet-vocabtxt", "camembert-spm", "rembert-spm", "bigbird-bpe"} {
		tok, err := Open(filepath.Join(textDir, name))
		require.NoError(f, err)
		all = append(all, tok)
	}
	b, err := os.ReadFile(filepath.Join(tokenizersDir, "xlmr_new.json"))
	require.NoError(f, err)
	tok, err := OpenFS(fstest.MapFS{tokenizerFile: {Data: b}})
	require.NoError(f, err)
	all = append(all, tok)
	f.Fuzz(func(t *testing.T, s string) {
		for _, tok := range all {
			use(t, tok, s)
			b, err := tok.Encode([]string{s}, Options{})
			require.NoError(t, err)
			// What is not UTF-8 counts as U+FFFD.
			clean, err := tok.Encode([]string{string(decode(nil, s))}, Options{})
			require.NoError(t, err)
			require.Equal(t, clean.InputIDs, b.InputIDs)
		}
	})
}
