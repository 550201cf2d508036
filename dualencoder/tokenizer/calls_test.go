package tokenizer

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestCalls compares pairs, truncation, padding sides and the switches of tokenizer_config.json with transformers'.
func TestCalls(t *testing.T) {
	var rows []struct {
		Folder  string                     `json:"folder"`
		Files   []string                   `json:"files"`
		Extra   map[string]json.RawMessage `json:"extra"`
		Texts   []string                   `json:"texts"`
		Pairs   []string                   `json:"pairs"`
		Call    callOptions                `json:"call"`
		Names   []string                   `json:"names"`
		Tokens  [][]string                 `json:"tokens"`
		Decoded []string                   `json:"decoded"`
		Error   string                     `json:"error"`
		Out     struct {
			IDs     [][]int64  `json:"input_ids"`
			Types   [][]int64  `json:"token_type_ids"`
			Mask    [][]int64  `json:"attention_mask"`
			Special [][]int64  `json:"special_tokens_mask"`
			Offsets [][][2]int `json:"offset_mapping"`
		} `json:"out"`
	}
	readJSON(t, filepath.Join(textDir, "calls.json"), &rows)
	require.Greater(t, len(rows), 100)
	for i, r := range rows {
		fsys := fstest.MapFS{}
		for _, name := range r.Files {
			b, err := os.ReadFile(filepath.Join(textDir, r.Folder, name))
			require.NoError(t, err)
			fsys[name] = &fstest.MapFile{Data: b}
		}
		for name, raw := range r.Extra {
			fsys[name] = &fstest.MapFile{Data: raw}
		}
		tok, err := OpenFS(fsys)
		require.NoError(t, err, "row %d", i)
		o := r.Call.options(t)
		o.Pairs = r.Pairs
		got, err := tok.Encode(r.Texts, o)
		if r.Error != "" {
			assert.ErrorIs(t, err, ErrLength, "row %d: %s", i, r.Error)
			continue
		}
		if !assert.NoError(t, err, "row %d", i) {
			continue
		}
		offsets := make([][][2]int, len(got.Offsets))
		for k, row := range got.Offsets {
			offsets[k] = [][2]int{}
			for _, s := range row {
				offsets[k] = append(offsets[k], [2]int{s.Start, s.End})
			}
		}
		assert.Equal(t, r.Out.IDs, got.InputIDs, "row %d", i)
		assert.Equal(t, r.Out.Types, got.TokenTypeIDs, "row %d", i)
		assert.Equal(t, r.Out.Mask, got.AttentionMask, "row %d", i)
		assert.Equal(t, r.Out.Special, got.SpecialTokensMask, "row %d", i)
		assert.Equal(t, r.Out.Offsets, offsets, "row %d", i)
		assert.Equal(t, r.Tokens, got.Tokens, "row %d", i)
		assert.Equal(t, r.Names, got.Names, "row %d", i)
		assert.Equal(t, r.Decoded, tok.DecodeBatch(got.InputIDs, true), "row %d", i)
	}
}
