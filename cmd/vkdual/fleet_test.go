package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/vkdual/vkdual/internal/tolerance"
	"github.com/vkdual/vkdual/runtime"
)

// allDevices is what --device takes for all of them, by number.
func allDevices(t testing.TB) (list string, names []string) {
	needDevice(t)
	all, err := runtime.List(runtime.Options{})
	require.NoError(t, err)
	var numbers []string
	for _, x := range all {
		numbers, names = append(numbers, fmt.Sprint(x.Index)), append(names, x.Info.Name)
	}
	if len(names) < 2 {
		require.NotContains(t, os.Getenv("VKDUAL_TEST_DEVICE"), ",", "the suite wants several devices")
		t.Skip("one device only")
	}
	return strings.Join(numbers, ","), names
}

// Several devices give what one gives, in order, and each is named.
func TestEmbedOnSeveralDevices(t *testing.T) {
	devices, names := allDevices(t)
	var texts strings.Builder
	for i := range 40 {
		fmt.Fprintln(&texts, strings.Repeat("cat ", 1+i%7), i)
	}
	args := onDevice(t, "embed", "--image", pictureFiles, "--texts-from", "-", "--batch", "4")
	one := vkdualFrom(t, texts.String(), args...)
	require.Zero(t, one.status, one.stderr)
	several := vkdualFrom(t, texts.String(), append(args, "--device", devices)...)
	require.Zero(t, several.status, several.stderr)
	want, got := jsonLines(t, one.out), jsonLines(t, several.out)
	require.Len(t, got, 12+40)
	for i, w := range want {
		require.Equal(t, w.Source, got[i].Source)
		for k, v := range w.Embedding {
			require.InDelta(t, v, got[i].Embedding[k], tolerance.Model)
		}
	}
	embedded := 0
	for _, n := range names {
		require.Contains(t, several.stderr, "vkdual: running on "+n)
		m := regexp.MustCompile(regexp.QuoteMeta(n) + ` embedded (\d+), `).FindStringSubmatch(several.stderr)
		require.NotNil(t, m, several.stderr)
		var count int
		_, err := fmt.Sscan(m[1], &count)
		require.NoError(t, err)
		embedded += count
	}
	require.Equal(t, 12+40, embedded)

	r := vkdual(t, onDevice(t, "classify", rocket, "-l", "rocket", "-l", "dog", "--top", "1", "--device", devices)...)
	require.Zero(t, r.status, r.stderr)
	require.Contains(t, r.out, "rocket\n")
}

func TestWrongListsOfDevicesAreExplained(t *testing.T) {
	devices, names := allDevices(t)
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"embed", "--text", "a", "--device", "0,0"}, `"0" and "0" are both 0: ` + names[0]},
		{[]string{"embed", "--text", "a", "--device", "1, " + names[1][:6]}, `are both 1: ` + names[1]},
		{[]string{"embed", "--text", "a", "--device", "0,"}, `no device ""; known by number or name are 0: `},
		{[]string{"bench", "--device", devices}, fmt.Sprintf("these are %d devices, and this command runs on 1", len(names))},
	} {
		r := vkdual(t, c.args...)
		require.Equal(t, 2, r.status, r.stderr)
		require.Contains(t, r.stderr, c.want)
	}
}

// Every command that runs something shows where the time went, and writes a
// trace with the lanes of what it did.
func TestProfileAndTrace(t *testing.T) {
	in := filepath.Join(t.TempDir(), "in.safetensors")
	require.Zero(t, vkdual(t, "process", "--image", rocket, "--text", "a rocket", in).status)
	for _, c := range []struct {
		args  []string
		lanes []string
	}{
		{[]string{"embed", "--image", rocket, "--text", "a"}, []string{"decode", "device", "host", "tokenize", "upload"}},
		{[]string{"classify", rocket, "-l", "rocket", "-l", "dog"}, []string{"decode", "device", "host", "tokenize", "upload"}},
		{[]string{"forward", in, filepath.Join(t.TempDir(), "out.safetensors")}, []string{"device", "host", "upload"}},
		{[]string{"bench", "matmul", "--runs", "2"}, []string{"device", "host"}},
	} {
		trace := filepath.Join(t.TempDir(), "trace.json")
		r := vkdual(t, onDevice(t, append(c.args, "--profile", "--trace", trace)...)...)
		require.Zero(t, r.status, r.stderr)
		shown := r.stderr
		if c.args[0] == "bench" {
			shown = r.out
		}
		require.Regexp(t, ` +times +ms +% +GFLOP/s +MB +GB/s  operation \(shader\)\n`, shown)
		require.Regexp(t, `\d  linear \d+×\d+×\d+ \(linear`, shown)
		require.Regexp(t, `100\.0 .* together`, shown)
		data, err := os.ReadFile(trace)
		require.NoError(t, err)
		var file struct {
			TraceEvents []struct {
				Name, Ph string
				Args     map[string]string
			}
		}
		require.NoError(t, json.Unmarshal(data, &file))
		lanes := map[string]bool{}
		for _, e := range file.TraceEvents {
			if e.Name == "thread_name" {
				lanes[e.Args["name"]] = true
			}
		}
		for _, l := range c.lanes {
			require.True(t, lanes[l], "%s: no lane %q among %v", c.args[0], l, lanes)
		}
	}
}
