package main

import (
	"encoding/binary"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/vkdual/vkdual/internal/tolerance"
)

// An embedded input as a line of embed's output.
type line struct {
	Kind, Source string
	Embedding    []float32
}

func jsonLines(t testing.TB, text string) []line {
	t.Helper()
	var out []line
	for _, s := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		if s == "" {
			continue
		}
		var l line
		require.NoError(t, json.Unmarshal([]byte(s), &l), s)
		out = append(out, l)
	}
	return out
}

func length(x []float32) float64 {
	sum := 0.0
	for _, v := range x {
		sum += float64(v) * float64(v)
	}
	return math.Sqrt(sum)
}

func TestEmbedGivesALineForEachInputInOrder(t *testing.T) {
	r := vkdual(t, onDevice(t, "embed", "--text", "a <rocket> & \"more\"", "zwei,drei", "--image", rocket, pictureFiles+"/p*.png", "--batch", "2")...)
	require.Zero(t, r.status, r.stderr)
	got := jsonLines(t, r.out)
	var sources []string
	for _, l := range got {
		sources = append(sources, l.Kind+" "+l.Source)
		require.Len(t, l.Embedding, 128)
		require.InDelta(t, 1, length(l.Embedding), tolerance.Model)
	}
	require.Equal(t, []string{"image " + rocket, "image " + pictureFiles + "/pizza.png", "text a <rocket> & \"more\"", "text zwei,drei"}, sources)
	require.Contains(t, r.out, `{"kind":"text","source":"a <rocket> & \"more\"","embedding":[`)
	require.Equal(t, 1, strings.Count(r.stderr, "vkdual: running on "), r.stderr)
	require.Contains(t, r.stderr, "no --model: using ")
	require.NotContains(t, r.stderr, "\r", "no progress bar in a pipe")
}

func TestOneInputThatFailsDoesNotStopTheOthers(t *testing.T) {
	text := write(t, "text.png", "this is a text")
	empty := write(t, "empty.png", "")
	data, err := os.ReadFile(rocket)
	require.NoError(t, err)
	half := write(t, "half.png", string(data[:len(data)/2]))
	args := onDevice(t, "embed", "--image", text, rocket, empty, half, "missing.png", "no*match", t.TempDir(), pictureFiles+"/pizza.png", "--text", "x")
	r := vkdual(t, args...)
	require.Equal(t, 1, r.status)
	got := jsonLines(t, r.out)
	require.Len(t, got, 3)
	require.Equal(t, []string{rocket, pictureFiles + "/pizza.png", "x"}, []string{got[0].Source, got[1].Source, got[2].Source})
	for _, want := range []string{
		text + ": not a picture in a known format", empty + ": 0 bytes", half + ": PNG: ",
		"missing.png: no such file or directory", "no*match: no file matches", "a folder with no picture in it",
	} {
		require.Contains(t, r.stderr, want)
	}

	r = vkdual(t, append(args, "--strict")...)
	require.Equal(t, 1, r.status)
	require.Empty(t, jsonLines(t, r.out), "the first input is the bad one")
	require.NotContains(t, r.stderr, empty)
}

func TestAPictureBeyondTheLimitIsRefused(t *testing.T) {
	r := vkdual(t, onDevice(t, "embed", "--image", rocket, "--max-pixels", "1000")...)
	require.Equal(t, 1, r.status)
	require.Regexp(t, `rocket.png: .*more than the limit of 1000`, r.stderr)
}

func TestAFolderIsThePicturesInItAndBelow(t *testing.T) {
	dir := t.TempDir()
	data, err := os.ReadFile(rocket)
	require.NoError(t, err)
	for _, name := range []string{"b.png", "a/z.PNG", "content-tells", ".hidden.png", ".git/c.png", "notes.txt"} {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o777))
		content := data
		if strings.HasSuffix(name, ".txt") {
			content = []byte("text")
		}
		require.NoError(t, os.WriteFile(path, content, 0o666))
	}
	require.NoError(t, os.Symlink(dir, filepath.Join(dir, "a", "loop")))
	r := vkdual(t, onDevice(t, "embed", "--image", dir)...)
	require.Zero(t, r.status, r.stderr)
	var names []string
	for _, l := range jsonLines(t, r.out) {
		rel, err := filepath.Rel(dir, l.Source)
		require.NoError(t, err)
		names = append(names, filepath.ToSlash(rel))
	}
	require.Equal(t, []string{"a/z.PNG", "b.png", "content-tells"}, names)
}

// Every form says the same numbers.
func TestFormats(t *testing.T) {
	dir := t.TempDir()
	texts := "a rocket\n\nein Hund, und mehr\n"
	jsonl := vkdualFrom(t, texts, onDevice(t, "embed", "--texts-from", "-")...)
	require.Zero(t, jsonl.status, jsonl.stderr)
	want := jsonLines(t, jsonl.out)
	require.Len(t, want, 3)

	file := filepath.Join(dir, "out.npy")
	r := vkdualFrom(t, texts, onDevice(t, "embed", "--texts-from", "-", "-o", file)...)
	require.Zero(t, r.status, r.stderr)
	require.Empty(t, r.out)
	matrix, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Contains(t, string(matrix[:128]), "(3, 128)")
	require.Len(t, matrix, 128+4*3*128)
	for i, l := range want {
		for j, v := range l.Embedding {
			require.Equal(t, math.Float32bits(v), binary.LittleEndian.Uint32(matrix[128+4*(128*i+j):]))
		}
	}
	pipe := vkdualFrom(t, texts, onDevice(t, "embed", "--texts-from", "-", "--format", "npy")...)
	require.Equal(t, string(matrix), pipe.out)

	table := vkdualFrom(t, texts, onDevice(t, "embed", "--texts-from", "-", "--format", "table")...)
	require.Len(t, table.lines(), 3)
	require.Contains(t, table.lines()[0], `"a rocket"`)

	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, left, 1, "temporary files are gone")
}

func TestRawIsTheProjectionBeforeItsLengthIsTakenOut(t *testing.T) {
	unit := vkdual(t, onDevice(t, "embed", "--text", "a rocket")...)
	raw := vkdual(t, onDevice(t, "embed", "--text", "a rocket", "--raw")...)
	require.Zero(t, raw.status, raw.stderr)
	u, r := jsonLines(t, unit.out)[0].Embedding, jsonLines(t, raw.out)[0].Embedding
	n := length(r)
	require.Greater(t, math.Abs(n-1), 0.1)
	for i := range u {
		require.InDelta(t, float64(r[i])/n, u[i], tolerance.Model)
	}
}

func TestATextTooLongIsCutWithANote(t *testing.T) {
	long := strings.Repeat("a very long text ", 100)
	r := vkdual(t, onDevice(t, "embed", "--text", long)...)
	require.Zero(t, r.status, r.stderr)
	require.Regexp(t, `"a very long .*…": \d+ tokens, cut to the model's \d+`, r.stderr)
	require.Len(t, jsonLines(t, r.out), 1)
	r = vkdual(t, onDevice(t, "embed", "--text", "fine", long, "--strict")...)
	require.Equal(t, 1, r.status)
	require.Contains(t, r.stderr, "the model takes at most")
}

func TestWhatIsNotUTF8IsNoted(t *testing.T) {
	const text, shown = "caf\xe9", `"caf\xe9"`
	for _, args := range [][]string{{"--text", text}, {"--texts-from", write(t, "latin1.txt", text)}} {
		r := vkdual(t, onDevice(t, append([]string{"embed"}, args...)...)...)
		require.Zero(t, r.status, r.stderr)
		require.Contains(t, r.stderr, shown+" is not UTF-8: what is malformed counts as U+FFFD")
		require.Equal(t, "caf\ufffd", jsonLines(t, r.out)[0].Source)
		r = vkdual(t, onDevice(t, append([]string{"embed", "--strict", "--text", "fine"}, args...)...)...)
		require.Equal(t, 1, r.status)
		require.Contains(t, r.stderr, shown+": not UTF-8")
		require.Equal(t, "fine", jsonLines(t, r.out)[0].Source)
	}
	r := vkdual(t, "tokenize", "--text", text)
	require.Zero(t, r.status, r.stderr)
	require.Contains(t, r.stderr, shown+" is not UTF-8")
	r = vkdual(t, onDevice(t, "classify", rocket, "-l", "fine", "-l", text, "--strict")...)
	require.Equal(t, 1, r.status)
	require.Contains(t, r.stderr, shown+": not UTF-8")
}

// Names of files are bytes, whatever they spell.
func TestAFileNameThatIsNotUTF8(t *testing.T) {
	data, err := os.ReadFile(rocket)
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "caf\xe9.png")
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Skip("this system has no such names: ", err)
	}
	r := vkdual(t, onDevice(t, "embed", "--image", path)...)
	require.Zero(t, r.status, r.stderr)
	r = vkdual(t, onDevice(t, "classify", path, "-l", "rocket")...)
	require.Zero(t, r.status, r.stderr)
}

func TestAnOutputThatCannotBeWrittenIsAnErrorBeforeAnythingRuns(t *testing.T) {
	for _, out := range []string{t.TempDir(), filepath.Join(t.TempDir(), "none", "out.jsonl")} {
		r := vkdual(t, "embed", "--text", "x", "-o", out)
		require.Equal(t, 1, r.status)
		require.Contains(t, r.stderr, out)
		require.NotContains(t, r.stderr, "running on")
	}
}

func TestADeviceThatIsNotThereIsAnErrorThatNamesThoseThatAre(t *testing.T) {
	needDevice(t)
	r := vkdual(t, "embed", "--text", "x", "--device", "no-such-device")
	require.Equal(t, 2, r.status)
	require.Contains(t, r.stderr, `no device "no-such-device"; known by number or name are 0: `)
}

// With --compute q8 the forced kernel of integer products keeps directions, and
// a device without such products says that nothing changes.
func TestComputeInIntegers(t *testing.T) {
	args := onDevice(t, "embed", "--text", "a rocket", "--image", rocket, "--tune", "off")
	embed := func(more ...string) result {
		return vkdual(t, append(slices.Clone(args), more...)...)
	}
	const unused = "computing in q8 changes nothing on this device"
	full, plain := embed(), embed("--dtype", "q8")
	masked := embed("--dtype", "q8", "--compute", "q8", "--without", "dot")
	require.Zero(t, masked.status, masked.stderr)
	require.Equal(t, plain.out, masked.out)
	require.Equal(t, 1, strings.Count(masked.stderr, unused), masked.stderr)
	require.Contains(t, masked.stderr, "linear_dot needs integer dot products")

	forced := embed("--dtype", "q8", "--compute", "q8", "--force", "linear_dot")
	if strings.Contains(forced.stderr, "lacks integer dot products") {
		forced = embed("--dtype", "q8", "--compute", "q8", "--force", "linear_dot_emulated")
	}
	require.Zero(t, forced.status, forced.stderr)
	require.NotContains(t, forced.stderr, unused)
	require.NotEqual(t, plain.out, forced.out, "the kernel was not used")
	want := jsonLines(t, full.out)
	for i, l := range jsonLines(t, forced.out) {
		cosine := 0.0
		for j, v := range l.Embedding {
			cosine += float64(v) * float64(want[i].Embedding[j])
		}
		require.Greater(t, cosine, tolerance.CosineDots, l.Source)
	}
}
