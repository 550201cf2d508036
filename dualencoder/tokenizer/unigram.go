package tokenizer

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"unicode/utf8"
)

// unigram finds the likeliest way to spell a piece (Kudo 2018), by Viterbi's algorithm.
type unigram struct {
	*vocabulary
	score        []float64 // by id
	names        []string  // by id
	entries      *trie     // of ids
	unk          int       // -1: none
	unkScore     float64
	byteFallback bool
}

// unkPenalty is how much less likely than the least likely entry an unknown character is.
const unkPenalty = 10

func parseUnigram(c *modelJSON) (model, error) {
	var entries [][]any
	if len(c.Vocab) == 0 {
		return nil, errors.New("vocab: missing")
	}
	if err := json.Unmarshal(c.Vocab, &entries); err != nil {
		return nil, fmt.Errorf("vocab: %w", err)
	}
	list := make([]scoredPiece, len(entries))
	for i, e := range entries {
		ok := len(e) == 2
		if ok {
			list[i].piece, ok = e[0].(string)
		}
		if ok {
			list[i].score, ok = e[1].(float64)
		}
		if !ok {
			return nil, fmt.Errorf("vocab: entry %d: want [token, score], got %v", i, e)
		}
	}
	unk := -1
	if c.UnkID != nil {
		if unk = *c.UnkID; unk < 0 || unk >= len(entries) {
			return nil, fmt.Errorf("unk_id: %d, and the vocabulary has %d entries", unk, len(entries))
		}
	}
	return newUnigram(list, unk, c.ByteFallback), nil
}

// newUnigram makes the model of entries in the order of their ids.
func newUnigram(list []scoredPiece, unk int, byteFallback bool) *unigram {
	m := &unigram{score: make([]float64, len(list)), names: make([]string, len(list)), unk: unk, byteFallback: byteFallback}
	m.vocabulary = &vocabulary{make(map[string]int, len(list)), make(map[int]string, len(list)), len(list)}
	lowest := math.Inf(1)
	for id, p := range list {
		m.score[id], m.names[id] = p.score, p.piece
		lowest = min(lowest, p.score)
		m.ids[p.piece] = id // the last of two equal entries counts
		m.tokens[id] = p.piece
	}
	m.unkScore = lowest - unkPenalty
	m.entries = newTrie(m.ids)
	return m
}

// step is the best way to reach a byte: by the entry id, which starts at from (-1: not reached).
type step struct {
	score    float64
	from, id int32
}

func (m *unigram) tokenize(mem *scratch, out []token, s []byte) ([]token, error) {
	best := mem.steps[:0]
	for range len(s) + 1 {
		best = append(best, step{from: -1})
	}
	mem.steps = best
	reach := func(to, from int, id int32, score float64) {
		if b := &best[to]; b.from < 0 || score > b.score {
			*b = step{score, int32(from), id}
		}
	}
	for at := 0; at < len(s); {
		here := best[at].score
		_, n := utf8.DecodeRune(s[at:])
		single := false
		node := int32(0)
		for i := at; i < len(s); i++ {
			if node = m.entries.child(node, s[i]); node == 0 {
				break
			}
			if id := m.entries.value[node]; id >= 0 {
				reach(i+1, at, id, m.score[id]+here)
				single = single || i+1 == at+n
			}
		}
		if !single {
			if m.unk < 0 {
				return nil, fmt.Errorf("%w: model: Unigram: no unk_id", ErrNoUnknown)
			}
			reach(at+n, at, int32(m.unk), m.unkScore+here)
		}
		at += n
	}
	// Back from the end; a run of unknown entries counts as one.
	before := len(out)
	for at := len(s); at > 0; {
		b := best[at]
		from := int(b.from)
		if m.unk < 0 || int(b.id) != m.unk {
			out = append(out, token{uint32(b.id), b.from, int32(at), m.names[b.id]})
			at = from
			continue
		}
		for from > 0 && int(best[from].id) == m.unk {
			from = int(best[from].from)
		}
		var err error
		if out, err = m.emit(out, s, from, at); err != nil {
			return nil, err
		}
		at = from
	}
	slices.Reverse(out[before:])
	return out, nil
}

// emit appends what stands for an unknown part, the last token first.
func (m *unigram) emit(out []token, s []byte, lo, hi int) ([]token, error) {
	if id, ok := m.ids[string(s[lo:hi])]; ok {
		return append(out, token{uint32(id), int32(lo), int32(hi), m.names[id]}), nil
	}
	if m.byteFallback {
		before := len(out)
		for i := hi - 1; i >= lo; i-- {
			name := fmt.Sprintf("<0x%02X>", s[i])
			id, ok := m.ids[name]
			if !ok {
				break
			}
			out = append(out, token{uint32(id), int32(lo), int32(hi), name})
		}
		if len(out)-before == hi-lo {
			return out, nil
		}
		out = out[:before]
	}
	return append(out, token{uint32(m.unk), int32(lo), int32(hi), string(s[lo:hi])}), nil
}
