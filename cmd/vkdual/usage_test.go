package main

import (
	"io"
	"path/filepath"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"
)

func TestACommandLineThatCannotBeFollowedIsExplainedWithStatus2(t *testing.T) {
	empty := write(t, "empty.txt", "\n\n")
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"embd"}, `did you mean "embed"`},
		{[]string{"embed", "--imag", "x.png"}, `did you mean one of "--image"`},
		{[]string{"embed"}, "nothing to embed: give --image, --text"},
		{[]string{"embed", "--text"}, "--text: missing value"},
		{[]string{"embed", "--text", "a", "--batch", "0"}, "--batch 0: want 1 or more"},
		{[]string{"embed", "--text", "a", "--batch", "many"}, "--batch"},
		{[]string{"embed", "--text", "a", "--max-pixels=-1"}, "--max-pixels -1: want"},
		{[]string{"embed", "--text", "a", "--format", "xml"}, `must be one of`},
		{[]string{"embed", "--text", "a", "--dtype", "f64"}, `must be one of "f32","f16","bf16"`},
		{[]string{"embed", "--text", "a", "--compute", "f64"}, `must be one of "f32","f16","bf16","q8"`},
		{[]string{"embed", "--text", "a", "--compute", "q8"}, "--compute q8 is for products with weights of --dtype q8, not f32"},
		{[]string{"forward", "in.safetensors", "out.safetensors", "--compute", "q8", "--dtype", "q4"}, "weights of --dtype q8, not q4"},
		{[]string{"embed", "--text", "a", "--position-ids", "tf"}, `must be one of "pytorch","flax"`},
		{[]string{"embed", "--images-from", "-", "--texts-from", "-"}, "cannot both read standard input"},
		{[]string{"embed", "--text", "a", "--without=-f17"}, `unknown capability "f17"`},
		{[]string{"embed", "--text", "a", "--force", "linear,atention"}, `unknown kernel "atention"; known are linear_texel, `},
		{[]string{"embed", "--text", "a", "--tune", "3"}, "--tune 3: want a time such as 3s, or off"},
		{[]string{"classify"}, "<IMAGE>"},
		{[]string{"classify", rocket}, "no label: give --label"},
		{[]string{"classify", rocket, "--labels-from", empty}, "no label: give --label"},
		{[]string{"classify", rocket, "-l", "dog", "-l", "cat", "-l", "dog"}, `label "dog" is given twice`},
		{[]string{"classify", rocket, "-l", "dog", "-l", " "}, "an empty label"},
		{[]string{"classify", rocket, "-l", "dog", "--template", "a photo"}, `the template "a photo" has no {}`},
		{[]string{"classify", rocket, "-l", "dog", "--top=-3"}, "--top -3"},
		{[]string{"classify", rocket, "-l", "dog", "--top", "0"}, "--top 0: want 1 or more"},
		{[]string{"forward", "in.safetensors"}, "OUT.safetensors"},
		{[]string{"process", "out.safetensors"}, "neither pictures nor texts"},
		{[]string{"tokenize"}, "no text: give --text or --texts-from"},
		{[]string{"tokenize", "--text", "a", "--padding", "left"}, `must be one of "longest","max_length","none"`},
		{[]string{"tokenize", "--text", "a", "--max-length=-1"}, "--max-length -1"},
		{[]string{"bench", "resnet"}, `must be one of "matmul","vit-b16","bert-base","clip-b32","clip-bert","peak","all"`},
		{[]string{"bench", "matmul", "--length", "0"}, "--length 0"},
		{[]string{"completion", "csh"}, `must be one of "bash","zsh","fish"`},
	} {
		r := vkdual(t, c.args...)
		require.Equal(t, 2, r.status, "%q: %s", c.args, r.stderr)
		require.Contains(t, r.stderr, c.want, "%q", c.args)
		require.Regexp(t, `^vkdual: `, r.stderr)
		require.Empty(t, r.out, "%q", c.args)
	}
}

func TestHelpShowsExamples(t *testing.T) {
	require.Contains(t, vkdual(t).out, "classify", "no arguments: the help")
	for _, command := range []string{"embed", "classify", "forward", "tokenize", "process", "devices", "towers", "bench", "selftest", "completion"} {
		r := vkdual(t, command, "--help")
		require.Zero(t, r.status)
		require.Contains(t, r.out, "Examples:\n\n    ")
		require.Contains(t, r.out, "    vkdual "+command, "its own example")
		require.Empty(t, r.stderr)
	}
}

// Arguments may stand anywhere among the flags, and a flag that may be
// repeated takes several values where no argument could be meant.
func TestArgumentsStandAnywhere(t *testing.T) {
	app := parserOf(t).Model
	for _, c := range [][2][]string{
		{{"embed", "--image", "a", "b", "--raw", "--text", "x", "y", "-m", "dir"}, {"embed", "--image", "a", "--image=b", "--raw", "--text", "x", "--text=y", "-m", "dir"}},
		{{"embed", "--text=x", "y"}, {"embed", "--text=x", "--text=y"}},
		{{"embed", "--texts-from", "-", "--text", "-"}, {"embed", "--texts-from", "-", "--text", "-"}},
		{{"embed", "--raw", "stray"}, {"embed", "--raw", "stray"}},
		{{"embed", "--text", "--raw"}, {"embed", "--text", "--raw"}},
		{{"classify", "a", "-l", "x", "b", "--top", "3", "c", "--", "-d"}, {"classify", "-l", "x", "--top", "3", "a", "b", "c", "--", "-d"}},
		{{"process", "--image", "a", "b", "--text", "x", "out"}, {"process", "--image", "a", "--text", "x", "b", "out"}},
		{{"nonsense", "b", "--a"}, {"nonsense", "b", "--a"}},
	} {
		require.Equal(t, c[1], arrange(c[0], app))
	}
}

func parserOf(t *testing.T) *kong.Kong {
	t.Helper()
	p, err := newParser(io.Discard, io.Discard, nil)
	require.NoError(t, err)
	return p
}

func TestCompletionKnowsEveryCommandAndFlag(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish"} {
		r := vkdual(t, "completion", shell)
		require.Zero(t, r.status, r.stderr)
		for _, word := range []string{"selftest", "images-from", "max_length", "texts-from", "matmul"} {
			require.Contains(t, r.out, word, shell)
		}
	}
}

func TestTheModelsFolderIsChecked(t *testing.T) {
	dir := t.TempDir()
	r := vkdual(t, "tokenize", "--model", filepath.Join(dir, "none"), "--text", "a")
	require.Equal(t, 1, r.status)
	require.Contains(t, r.stderr, "none: no such file or directory")
	r = vkdual(t, "tokenize", "--model", rocket, "--text", "a")
	require.Equal(t, 1, r.status)
	require.Contains(t, r.stderr, "a file, want the folder of a checkpoint")
	r = vkdual(t, "tokenize", "--model", dir, "--text", "a")
	require.Equal(t, 1, r.status)
	require.Contains(t, r.stderr, "tokenizer.json")
}
