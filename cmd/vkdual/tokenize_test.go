package main

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/vkdual/vkdual/dualencoder/imageprocessor"
	"github.com/vkdual/vkdual/dualencoder/imageprocessor/pillow"
	"github.com/vkdual/vkdual/serialize/safetensors"
)

const bertFiles = "../../testdata/text/bert-json"

type tokens struct {
	IDs   [][]int64 `json:"input_ids"`
	Types [][]int64 `json:"token_type_ids"`
	Mask  [][]int64 `json:"attention_mask"`
}

func tokenize(t *testing.T, stdin string, args ...string) tokens {
	t.Helper()
	r := vkdualFrom(t, stdin, append([]string{"tokenize", "--model", bertFiles}, args...)...)
	require.Zero(t, r.status, r.stderr)
	var x tokens
	require.NoError(t, json.Unmarshal([]byte(r.out), &x))
	require.Regexp(t, `^\{"input_ids":.*"token_type_ids":.*"attention_mask":`, r.out)
	return x
}

func TestTextsComeFromFlagsFilesAndStandardInputAlike(t *testing.T) {
	want := tokenize(t, "", "--text", "a, b", "", "zwei Hunde")
	require.Len(t, want.IDs, 3)
	require.Equal(t, want, tokenize(t, "", "--text=a, b", "--text", "", "--text", "zwei Hunde"))
	for _, list := range []string{
		"a, b\n\nzwei Hunde\n", "a, b\r\n\r\nzwei Hunde", "\ufeffa, b\n\nzwei Hunde",
		`["a, b", "", "zwei Hunde"]`, " \n[ \"a, b\",\n\"\",\"zwei Hunde\"\n]\n",
	} {
		require.Equal(t, want, tokenize(t, list, "--texts-from", "-"), "%q", list)
		require.Equal(t, want, tokenize(t, "", "--texts-from", write(t, "texts", list)), "%q", list)
	}
	require.Empty(t, tokenize(t, "", "--texts-from", "-").IDs)
	require.Empty(t, tokenize(t, "[]", "--texts-from", "-").IDs)
	// A line may begin with a bracket.
	require.Equal(t, tokenize(t, "", "--text", "[MASK] x"), tokenize(t, "[MASK] x\n", "--texts-from", "-"))
}

func TestABrokenListOfTextsIsRefused(t *testing.T) {
	for list, want := range map[string]string{
		`["a", 3]`:     "element 1",
		`["a", null]`:  "element 1 is null",
		`["a"`:         "unexpected EOF",
		`["a"] trail`:  "something follows",
		`["a", "b" "`:  "element 2",
		"[\"a\"]\n[\"": "something follows",
	} {
		r := vkdualFrom(t, list, "tokenize", "--texts-from", "-")
		require.Equal(t, 1, r.status, list)
		require.Contains(t, r.stderr, "standard input: a JSON array of strings: ", list)
		require.Contains(t, r.stderr, want, list)
		require.Empty(t, r.out)
	}
	r := vkdual(t, "tokenize", "--texts-from", "nothing-there.txt")
	require.Equal(t, 1, r.status)
	require.Contains(t, r.stderr, "nothing-there.txt: no such file")
}

func TestLengths(t *testing.T) {
	long := "one two three four five six"
	none := tokenize(t, "", "--text", "a", long)
	require.Less(t, len(none.IDs[0]), len(none.IDs[1]))
	longest := tokenize(t, "", "--text", "a", long, "--padding", "longest", "--pad-to-multiple-of", "8")
	require.Len(t, longest.IDs[0], (len(none.IDs[1])+7)/8*8)
	require.Len(t, longest.IDs[1], len(longest.IDs[0]))
	require.Equal(t, int64(0), longest.Mask[0][len(none.IDs[0])])
	fixed := tokenize(t, "", "--text", "a", long, "--padding", "max_length", "--max-length", "5", "--truncation")
	require.Len(t, fixed.IDs[0], 5)
	require.Len(t, fixed.IDs[1], 5)
	bare := tokenize(t, "", "--text", "a", "--no-special-tokens")
	require.Equal(t, none.IDs[0][1:len(none.IDs[0])-1], bare.IDs[0])
}

func TestProcessWritesWhatFeedsTheModel(t *testing.T) {
	out := t.TempDir() + "/in.safetensors"
	r := vkdual(t, "process", "--image", rocket, pictureFiles+"/pizza.png", "--text", "a", "--text", "a rocket", out)
	require.Zero(t, r.status, r.stderr)
	f, err := safetensors.Open(out)
	require.NoError(t, err)
	defer f.Close()
	names := f.Names()
	slices.Sort(names)
	require.Equal(t, []string{"attention_mask", "input_ids", "pixel_values", "token_type_ids"}, names)
	ids, _ := f.Tensor("input_ids")
	require.Equal(t, safetensors.I64, ids.DType)
	require.Equal(t, 2, ids.Shape[0])
	x, _ := f.Tensor("pixel_values")
	require.Equal(t, []int{2, 3, 48, 48}, x.Shape)
	p, err := imageprocessor.Open("../../dualencoder/defaultmodel/files")
	require.NoError(t, err)
	want, err := p.ProcessFile(rocket, pillow.DecodeOptions{})
	require.NoError(t, err)
	have := make([]float32, len(want.Data))
	require.NoError(t, safetensors.Float32s(have, x, 0))
	require.Equal(t, want.Data, have)
}

// Either half alone needs only its own files.
func TestProcessNeedsOnlyTheFilesOfItsHalves(t *testing.T) {
	out := t.TempDir() + "/x.safetensors"
	r := vkdual(t, "process", "--model", bertFiles, "--text", "a", out)
	require.Zero(t, r.status, r.stderr)
	r = vkdual(t, "process", "--model", bertFiles, "--image", rocket, out)
	require.Equal(t, 1, r.status)
	require.Contains(t, r.stderr, "preprocessor_config.json")
}

func TestProcessWritesNothingWhenAnInputFails(t *testing.T) {
	out := t.TempDir() + "/x.safetensors"
	bad := write(t, "bad.png", "no picture")
	r := vkdual(t, "process", rocket, bad, "missing.png", out)
	require.Equal(t, 1, r.status)
	require.Contains(t, r.stderr, bad+": not a picture")
	require.Contains(t, r.stderr, "missing.png: no such file")
	require.NoFileExists(t, out)
}
