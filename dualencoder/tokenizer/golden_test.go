package tokenizer

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	tokenizersDir = "../../testdata/tokenizers"
	textDir       = "../../testdata/text"
)

func readJSON(t testing.TB, path string, v any) {
	t.Helper()
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(b, v))
}

// openFile opens a tokenizer.json without the files that usually lie beside it.
func openFile(t testing.TB, path string) *Tokenizer {
	t.Helper()
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	tok, err := OpenFS(fstest.MapFS{tokenizerFile: {Data: b}})
	require.NoError(t, err)
	return tok
}

// TestBackends compares ids and offsets with those that HuggingFace's tokenizers library gives.
func TestBackends(t *testing.T) {
	var strs []string
	readJSON(t, filepath.Join(tokenizersDir, "strings.json"), &strs)
	refs, err := filepath.Glob(filepath.Join(tokenizersDir, "*.ref.json"))
	require.NoError(t, err)
	require.Len(t, refs, 9)
	for _, ref := range refs {
		name := strings.TrimSuffix(filepath.Base(ref), ".ref.json")
		t.Run(name, func(t *testing.T) {
			var want struct {
				IDs  [][]int64  `json:"ids"`
				Offs [][][2]int `json:"offs"`
			}
			readJSON(t, ref, &want)
			require.Len(t, want.IDs, len(strs))
			tok := openFile(t, filepath.Join(tokenizersDir, name+".json"))
			got, err := tok.Encode(strs, Options{})
			require.NoError(t, err)
			for i, s := range strs {
				assert.Equal(t, want.IDs[i], got.InputIDs[i], "ids of %q", s)
				offs := [][2]int{}
				for _, o := range got.Offsets[i] {
					offs = append(offs, [2]int{o.Start, o.End})
				}
				assert.Equal(t, want.Offs[i], offs, "offsets of %q", s)
			}
		})
	}
}

// callOptions are the keyword arguments of a call, as the golden files have them.
type callOptions struct {
	Padding         any   `json:"padding"`
	Truncation      any   `json:"truncation"`
	MaxLength       int   `json:"max_length"`
	PadToMultipleOf int   `json:"pad_to_multiple_of"`
	AddSpecial      *bool `json:"add_special_tokens"`
}

func (c callOptions) options(t *testing.T) Options {
	o := Options{MaxLength: c.MaxLength, PadToMultipleOf: c.PadToMultipleOf}
	padding := map[any]Padding{nil: NoPadding, true: PadLongest, "max_length": PadMaxLength}
	truncation := map[any]Truncation{
		nil: TruncateDefault, false: NoTruncation, true: LongestFirst,
		"longest_first": LongestFirst, "only_first": OnlyFirst, "only_second": OnlySecond,
	}
	require.Contains(t, padding, c.Padding)
	require.Contains(t, truncation, c.Truncation)
	o.Padding, o.Truncation = padding[c.Padding], truncation[c.Truncation]
	o.NoSpecialTokens = c.AddSpecial != nil && !*c.AddSpecial
	return o
}

// TestFolders compares whole calls with AutoTokenizer's of transformers 4.37.2 on checkpoint folders.
func TestFolders(t *testing.T) {
	refs, err := filepath.Glob(filepath.Join(textDir, "*", "ref.json"))
	require.NoError(t, err)
	require.Len(t, refs, 18)
	for _, ref := range refs {
		dir := filepath.Dir(ref)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			tok, err := Open(dir)
			require.NoError(t, err)
			var want struct {
				Calls []struct {
					Call  callOptions          `json:"call"`
					Texts []string             `json:"texts"`
					Out   map[string][][]int64 `json:"out"`
				} `json:"calls"`
				Decode []struct {
					IDs  []int64 `json:"ids"`
					Skip bool    `json:"skip"`
					Text string  `json:"text"`
				} `json:"decode"`
				Names []string `json:"model_input_names"`
			}
			readJSON(t, ref, &want)
			assert.Equal(t, want.Names, tok.InputNames())
			for i, c := range want.Calls {
				got, err := tok.Encode(c.Texts, c.Call.options(t))
				require.NoError(t, err)
				for row := range c.Texts {
					assert.Equal(t, c.Out["input_ids"][row], got.InputIDs[row], "call %d: %q", i, c.Texts[row])
				}
				b, err := json.Marshal(got)
				require.NoError(t, err)
				var fields map[string][][]int64
				require.NoError(t, json.Unmarshal(b, &fields))
				if !t.Failed() {
					assert.Equal(t, c.Out, fields, "call %d", i)
				}
			}
			for _, d := range want.Decode {
				assert.Equal(t, d.Text, tok.Decode(d.IDs, d.Skip), "%v", d.IDs)
			}
		})
	}
}
