package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDevicesSayWhichIsPickedAndWhy(t *testing.T) {
	needDevice(t)
	r := vkdual(t, "devices", "--json")
	require.Zero(t, r.status, r.stderr)
	var all []deviceReport
	require.NoError(t, json.Unmarshal([]byte(r.out), &all))
	picked := 0
	for i, d := range all {
		require.Equal(t, i, d.Index)
		require.NotEmpty(t, d.Why)
		require.Positive(t, d.Limits.WorkgroupInvocations)
		if d.Picked {
			picked++
		}
	}
	require.Equal(t, 1, picked)

	table := vkdual(t, "devices")
	require.Equal(t, 1, strings.Count(table.out, "* "), table.out)
	for _, d := range all {
		require.Contains(t, table.out, d.Name)
		// Any is picked by its name.
		var chosen []deviceReport
		require.NoError(t, json.Unmarshal([]byte(vkdual(t, "devices", "--json", "--device", strings.ToUpper(d.Name)).out), &chosen))
		require.True(t, chosen[d.Index].Picked)
	}
}

// A kernel that the device cannot run is an error that says what it would need,
// and one that is forced is used, whatever else there is.
func TestForcedKernels(t *testing.T) {
	needDevice(t)
	r := vkdual(t, "embed", "--text", "a", "--without", "subgroup", "--force", "attention,linear_texel,linear_quad")
	require.Equal(t, 1, r.status)
	require.Regexp(t, `--force: ops: kernel linear_\w+ is forced, but .* lacks subgroups of \d`, r.stderr)
	require.Empty(t, r.out)

	r = vkdual(t, "devices", "--json", "--force", "attention,linear")
	require.Zero(t, r.status, r.stderr)
	var all []deviceReport
	require.NoError(t, json.Unmarshal([]byte(r.out), &all))
	for _, d := range all {
		require.Contains(t, d.Kernels, kernelReport{"linear, f32, more rows", "linear", "forced"})
	}

	// None that is not forced, or fit for any device, is left then.
	r = vkdual(t, onDevice(t, "embed", "--text", "a", "--without", "subgroup,texel,limits,dot,coopmat,f16", "--tune", "off", "-v")...)
	require.Zero(t, r.status, r.stderr)
}

func TestSelftestPasses(t *testing.T) {
	r := vkdual(t, onDevice(t, "selftest")...)
	require.Zero(t, r.status, r.stderr)
	require.Regexp(t, `Shaders against plain Go: [1-9]\d+ right, 0 wrong`, r.out)
	require.Regexp(t, `linear, f32, more rows +linear`, r.out)
	require.Contains(t, r.out, "All is well.")
}

func TestBenchPrintsOneJSONLine(t *testing.T) {
	needDevice(t) // and no validation, which allocates
	r := vkdual(t, "bench", "matmul", "--json", "--runs", "20", "--batch", "2")
	require.Zero(t, r.status, r.stderr)
	require.Len(t, r.lines(), 1)
	var line map[string]any
	require.NoError(t, json.Unmarshal([]byte(r.out), &line))
	var names []string
	for k := range line {
		names = append(names, k)
	}
	require.ElementsMatch(t, []string{"work", "batch", "length", "device", "driver", "runs", "median_ms", "min_ms", "gflops", "host_us", "allocs", "device_bytes"}, names)
	require.Equal(t, 20.0, line["runs"])
	require.Zero(t, line["allocs"])
	// 2 · 197 · 768 · 3072 multiplications and additions a picture.
	require.InEpsilon(t, 2*2*197*768*3072/line["median_ms"].(float64)/1e6, line["gflops"].(float64), 0.01)
}
