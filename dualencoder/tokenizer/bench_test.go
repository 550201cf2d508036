package tokenizer

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// benchText is the text that tools/bench/tokenizers_bench.py made, or else the golden strings several times over, as
// lines of a batch.
func benchText(b *testing.B) (lines []string, size int) {
	if path := os.Getenv("TOKENIZER_BENCH_TEXT"); path != "" {
		text, err := os.ReadFile(path)
		require.NoError(b, err)
		lines = strings.Split(string(text), "\n")
	} else {
		readJSON(b, filepath.Join(tokenizersDir, "strings.json"), &lines)
		for range 5 {
			lines = append(lines, lines...)
		}
	}
	for _, s := range lines {
		size += len(s)
	}
	return lines, size
}

// BenchmarkEncode encodes in batches of 1000 lines; with GOMAXPROCS=1 it is the speed of one core.
func BenchmarkEncode(b *testing.B) {
	lines, size := benchText(b)
	for _, name := range []string{"bert_base_uncased", "bert_cased", "bert_uncased", "clip", "roberta", "xlmr_old", "xlmr_new"} {
		b.Run(name, func(b *testing.B) {
			tok := openFile(b, filepath.Join(tokenizersDir, name+".json"))
			b.SetBytes(int64(size))
			for b.Loop() {
				for i := 0; i < len(lines); i += 1000 {
					_, err := tok.Encode(lines[i:min(i+1000, len(lines))], Options{})
					require.NoError(b, err)
				}
			}
		})
	}
}
