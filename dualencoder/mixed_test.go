//go:build unix

package dualencoder

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/vkdual/vkdual/dualencoder/config"
	"github.com/vkdual/vkdual/runtime"
	"github.com/vkdual/vkdual/runtime/devicetest"
	"golang.org/x/sys/unix"
)

// A text tower of the size of a small sentence encoder, beside next to no vision tower.
const sentenceEncoder = `{"model_type": "vision-text-dual-encoder", "projection_dim": 64,
	"vision_config": {"model_type": "vit", "hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1,
		"intermediate_size": 8, "image_size": 8, "patch_size": 8},
	"text_config": {"model_type": "bert", "hidden_size": 384, "num_hidden_layers": 6, "num_attention_heads": 12,
		"intermediate_size": 1536, "vocab_size": 1000}}`

// mixedLengths are 1000 lengths of 2 to 60 tokens.
func mixedLengths() (lengths []int, sum int) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 1000 {
		n := 2 + r.IntN(59)
		lengths, sum = append(lengths, n), sum+n
	}
	return lengths, sum
}

// BenchmarkMixedTexts runs 1000 texts of 2 to 60 tokens, and as many tokens in
// texts of their mean length, in turns. of-equal is the rate of the former as a
// part of the latter's, in tokens by processor time, which is what a software
// driver spends and other work on the machine does not disturb.
func BenchmarkMixedTexts(b *testing.B) {
	devicetest.Bench(b, func(b *testing.B, d *runtime.Device) {
		cfg, err := config.Parse([]byte(sentenceEncoder), "bench")
		require.NoError(b, err)
		m, err := New(d, cfg, 1, Options{})
		require.NoError(b, err)
		defer m.Close()
		mixed, sum := mixedLengths()
		equal := make([]int, len(mixed))
		for i := range equal {
			equal[i] = (sum - i + len(equal) - 1) / len(equal)
		}
		embedLengths(b, m, mixed) // records the programs
		embedLengths(b, m, equal)
		var of, to time.Duration
		for b.Loop() {
			of += embedLengths(b, m, mixed)
			to += embedLengths(b, m, equal)
		}
		b.ReportMetric(to.Seconds()/of.Seconds(), "of-equal")
		b.ReportMetric(float64(b.N*sum)/of.Seconds(), "tokens/cpu-s")
	})
}

// embedLengths embeds texts of so many tokens and gives the processor time.
func embedLengths(b *testing.B, m *Model, lengths []int) time.Duration {
	next := 0
	tokenize := func(texts []string) []task {
		tasks := make([]task, len(texts))
		for i := range tasks {
			tasks[i].text.ids = make([]uint32, lengths[next])
			tasks[i].shape = m.textShape(lengths[next], EmbedOptions{})
			next++
		}
		return tasks
	}
	texts := slices.Values(make([]string, len(lengths)))
	return spent(b, func() {
		for _, r := range m.alone().streamTasks(context.Background(), texts, tokenize) {
			require.NoError(b, r.Err)
		}
	})
}

// processorTime is what this process has used so far.
func processorTime(b *testing.B) time.Duration {
	var u unix.Rusage
	require.NoError(b, unix.Getrusage(unix.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
