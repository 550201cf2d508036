package tokenizer

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"sort"
	"unicode/utf8"
)

// unigram finds the likeliest way to spell a piece (Kudo 2018), by Viterbi's algorithm.
type unigram struct {
	*vocabulary
	score        []float64 // by id
	sorted       []string  // the entries in byte order, for the search by prefix
	first        [257]int  // where the entries that start with each byte begin in sorted
	unk          int       // -1: none
	unkScore     float64
	byteFallback bool
}

// unkPenalty is how much less likely than the least likely entry an unknown character is.
const unkPenalty = 10

func parseUnigram(c *modelJSON) (model, error) {
	var entries [][]json.RawMessage
	if len(c.Vocab) == 0 {
		return nil, errors.New("vocab: missing")
	}
	if err := json.Unmarshal(c.Vocab, &entries); err != nil {
		return nil, fmt.Errorf("vocab: %w", err)
	}
	list := make([]scoredPiece, len(entries))
	for i, e := range entries {
		if len(e) != 2 {
			return nil, fmt.Errorf("vocab: entry %d: want [token, score]", i)
		}
		if err := errors.Join(json.Unmarshal(e[0], &list[i].piece), json.Unmarshal(e[1], &list[i].score)); err != nil {
			return nil, fmt.Errorf("vocab: entry %d: %w", i, err)
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
	m := &unigram{score: make([]float64, len(list)), unk: unk, byteFallback: byteFallback}
	m.vocabulary = &vocabulary{make(map[string]int, len(list)), make(map[int]string, len(list)), len(list)}
	lowest := math.Inf(1)
	for id, p := range list {
		m.score[id] = p.score
		lowest = min(lowest, p.score)
		m.ids[p.piece] = id // the last of two equal entries counts
		m.tokens[id] = p.piece
	}
	m.unkScore = lowest - unkPenalty
	for name := range m.ids {
		if name != "" {
			m.sorted = append(m.sorted, name)
		}
	}
	slices.Sort(m.sorted)
	for b := range m.first {
		m.first[b] = sort.Search(len(m.sorted), func(i int) bool { return int(m.sorted[i][0]) >= b })
	}
	return m
}

// prefixes calls f with the length of every entry that s starts with, the shortest first.
func (m *unigram) prefixes(s string, f func(n int)) {
	lo, hi := m.first[s[0]], m.first[int(s[0])+1]
	for n := 1; lo < hi; n++ {
		if len(m.sorted[lo]) == n {
			f(n)
			lo++
		}
		if n == len(s) {
			return
		}
		// Narrow to the entries whose next byte is that of s; all of them are longer than n here.
		c, part := s[n], m.sorted[lo:hi]
		from := sort.Search(len(part), func(i int) bool { return part[i][n] >= c })
		to := from + sort.Search(len(part)-from, func(i int) bool { return part[from+i][n] > c })
		lo, hi = lo+from, lo+to
	}
}

func (m *unigram) tokenize(s string) ([]token, error) {
	type step struct {
		score    float64
		from, id int // from -1: not reached
	}
	best := make([]step, len(s)+1)
	for i := range best {
		best[i].from = -1
	}
	reach := func(to, from, id int, score float64) {
		if b := &best[to]; b.from < 0 || score > b.score {
			*b = step{score, from, id}
		}
	}
	for at := 0; at < len(s); {
		here := best[at].score
		_, n := utf8.DecodeRuneInString(s[at:])
		single := false
		m.prefixes(s[at:], func(k int) {
			id := m.ids[s[at:at+k]]
			reach(at+k, at, id, m.score[id]+here)
			single = single || k == n
		})
		if !single {
			if m.unk < 0 {
				return nil, fmt.Errorf("%w: model: Unigram: no unk_id", ErrNoUnknown)
			}
			reach(at+n, at, m.unk, m.unkScore+here)
		}
		at += n
	}
	var cuts []int // the ends of the tokens, last first; a run of unknown ones counts as one
	unknown := false
	for at := len(s); at > 0; at = best[at].from {
		isUnk := m.unk >= 0 && best[at].id == m.unk
		if !isUnk || !unknown {
			cuts = append(cuts, at)
		}
		unknown = isUnk
	}
	out := []token{}
	lo := 0
	for i := len(cuts) - 1; i >= 0; i-- {
		var err error
		if out, err = m.emit(out, s, lo, cuts[i]); err != nil {
			return nil, err
		}
		lo = cuts[i]
	}
	return out, nil
}

func (m *unigram) emit(out []token, s string, lo, hi int) ([]token, error) {
	if id, ok := m.ids[s[lo:hi]]; ok {
		return append(out, token{id, s[lo:hi], lo, hi}), nil
	}
	if m.byteFallback {
		spelled := make([]token, 0, hi-lo)
		for i := lo; i < hi; i++ {
			name := fmt.Sprintf("<0x%02X>", s[i])
			id, ok := m.ids[name]
			if !ok {
				break
			}
			spelled = append(spelled, token{id, name, lo, hi})
		}
		if len(spelled) == hi-lo {
			return append(out, spelled...), nil
		}
	}
	if m.unk < 0 {
		return nil, fmt.Errorf("%w: model: Unigram: no unk_id", ErrNoUnknown)
	}
	return append(out, token{m.unk, s[lo:hi], lo, hi}), nil
}
