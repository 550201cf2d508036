package main

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/vkdual/vkdual/internal/tolerance"
)

type classified struct {
	Source string
	Labels []score
}

func classify(t *testing.T, args ...string) []classified {
	t.Helper()
	r := vkdual(t, onDevice(t, append([]string{"classify", "--format", "jsonl"}, args...)...)...)
	require.Zero(t, r.status, r.stderr)
	var out []classified
	for _, l := range r.lines() {
		var c classified
		require.NoError(t, json.Unmarshal([]byte(l), &c))
		out = append(out, c)
	}
	return out
}

func TestClassifyFindsTheRocket(t *testing.T) {
	labels := write(t, "labels.txt", "rocket\ndog\n\nguitar\n")
	pizza := pictureFiles + "/pizza.png"
	all := classify(t, rocket, "--labels-from", labels, pizza, "-l", "pizza")
	require.Len(t, all, 2)
	require.Equal(t, rocket, all[0].Source)
	require.Equal(t, "rocket", all[0].Labels[0].Label)
	require.Equal(t, "pizza", all[1].Labels[0].Label)
	for _, c := range all {
		require.Len(t, c.Labels, 4)
		sum := 0.0
		for i, l := range c.Labels {
			sum += l.Probability
			if i > 0 {
				require.LessOrEqual(t, l.Probability, c.Labels[i-1].Probability)
			}
		}
		require.InDelta(t, 1, sum, tolerance.Model)
	}
	top := classify(t, rocket, "--labels-from", labels, "-l", "pizza", "--top", "2")
	require.Equal(t, all[0].Labels[:2], top[0].Labels)
	// One template that is the label itself changes nothing, twice neither.
	same := classify(t, rocket, "--labels-from", labels, "-l", "pizza", "--template", "{}", "--template", "{}")
	for i := range same[0].Labels {
		require.InDelta(t, all[0].Labels[i].Logit, same[0].Labels[i].Logit, tolerance.Model)
	}
}

func TestOneLabelIsCertain(t *testing.T) {
	r := vkdual(t, onDevice(t, "classify", rocket, "-l", "anything, really")...)
	require.Zero(t, r.status, r.stderr)
	require.Equal(t, rocket+"\n  100.0 %  anything, really\n", r.out)
}

func TestALabelTakenForAPictureIsHintedAt(t *testing.T) {
	r := vkdual(t, onDevice(t, "classify", rocket, "-l", "dog", "cat")...)
	require.Equal(t, 1, r.status)
	require.Contains(t, r.stderr, "cat: no such file or directory (if it is no picture: each needs its own --label)")
	require.Contains(t, r.out, rocket)
}
