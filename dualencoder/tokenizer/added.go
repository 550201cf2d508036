package tokenizer

import (
	"unicode/utf8"
)

// addedToken is a token found before any model runs. See AddedToken in HuggingFace's tokenizers.
type addedToken struct {
	Content    string `json:"content"`
	SingleWord bool   `json:"single_word"` // only where no word character touches it
	LStrip     bool   `json:"lstrip"`      // takes the white space before it
	RStrip     bool   `json:"rstrip"`      // and after it
	Normalized bool   `json:"normalized"`  // is looked for in the normalised text
	Special    bool   `json:"special"`     // is left out of decoded text on demand
}

// addedVocabulary holds the added tokens. Adding one that is already there follows the reference to the letter: the
// latest flags count where a match is cut, the first ones where it is looked for.
type addedVocabulary struct {
	model   *vocabulary
	ids     map[string]int
	byID    map[int]addedToken
	special map[string]bool

	specials, others []addedToken // in the order given
	raw, normalized  finder
}

func newAddedVocabulary(m *vocabulary) *addedVocabulary {
	return &addedVocabulary{model: m, ids: map[string]int{}, byID: map[int]addedToken{}, special: map[string]bool{}}
}

func (v *addedVocabulary) id(content string) (int, bool) {
	if id, ok := v.ids[content]; ok {
		return id, true
	}
	id, ok := v.model.ids[content]
	return id, ok
}

func (v *addedVocabulary) token(id int) (string, bool) {
	if t, ok := v.byID[id]; ok {
		return t.Content, true
	}
	t, ok := v.model.tokens[id]
	return t, ok
}

// add registers tokens; those the vocabulary lacks get the ids after it.
func (v *addedVocabulary) add(tokens ...addedToken) {
	for _, t := range tokens {
		if t.Special && t.Content != "" && !v.special[t.Content] {
			v.specials = append(v.specials, t)
			v.special[t.Content] = true
		}
	}
	highest := -1
	for _, id := range v.ids {
		highest = max(highest, id)
	}
	known := make(map[addedToken]bool, len(v.byID))
	for _, t := range v.byID {
		known[t] = true
	}
	for _, t := range tokens {
		if t.Content == "" || known[t] {
			continue
		}
		id, ok := v.id(t.Content)
		if !ok {
			id = max(highest+1, v.model.size)
		}
		highest = max(highest, id)
		v.ids[t.Content] = id
		delete(known, v.byID[id])
		v.byID[id] = t
		known[t] = true
		if !v.special[t.Content] {
			v.others = append(v.others, t)
		}
	}
}

// refresh prepares the search; to be called once all tokens are added.
func (v *addedVocabulary) refresh(n normalizer) {
	v.raw, v.normalized = finder{}, finder{}
	for _, list := range [][]addedToken{v.specials, v.others} {
		for _, t := range list {
			id, _ := v.id(t.Content)
			if !t.Normalized {
				v.raw.insert(decode(nil, t.Content), id)
				continue
			}
			x := newText(nil, decode(nil, t.Content))
			if n != nil {
				n.normalize(&x)
			}
			v.normalized.insert(x.runes, id)
		}
	}
}

// finder is a trie of characters that finds the longest of its entries.
type finder struct {
	next  map[nodeRune]int // 0 is the root and never a child
	ids   []int            // by node; -1: not an entry
	start [utf8.RuneSelf]bool
	wide  bool // an entry starts with a character that is not in start
}

type nodeRune struct {
	node int
	r    rune
}

func (f *finder) insert(runes []rune, id int) {
	if len(runes) == 0 {
		return
	}
	if f.next == nil {
		f.next, f.ids = map[nodeRune]int{}, []int{-1}
	}
	if runes[0] < utf8.RuneSelf {
		f.start[runes[0]] = true
	} else {
		f.wide = true
	}
	node := 0
	for _, r := range runes {
		child, ok := f.next[nodeRune{node, r}]
		if !ok {
			child = len(f.ids)
			f.ids = append(f.ids, -1)
			f.next[nodeRune{node, r}] = child
		}
		node = child
	}
	if f.ids[node] < 0 {
		f.ids[node] = id
	}
}

// longest is the end and id of the longest entry at i; end is i where there is none.
func (f *finder) longest(runes []rune, i int) (end, id int) {
	end = i
	if r := runes[i]; r < utf8.RuneSelf && !f.start[r] || r >= utf8.RuneSelf && !f.wide {
		return
	}
	node := 0
	for j := i; j < len(runes); j++ {
		child, ok := f.next[nodeRune{node, runes[j]}]
		if !ok {
			return
		}
		node = child
		if f.ids[node] >= 0 {
			end, id = j+1, f.ids[node]
		}
	}
	return
}

// cut takes the added tokens out of a text, and appends the pieces.
func (v *addedVocabulary) cut(out []piece, t text, f *finder) []piece {
	if f.next == nil {
		if len(t.runes) > 0 {
			out = append(out, piece{text: t})
		}
		return out
	}
	runes := t.runes
	done := 0 // everything before it has been put out
	plain := func(lo, hi int) {
		if lo < hi {
			out = append(out, piece{text: t.slice(lo, hi)})
		}
	}
	for i := 0; i < len(runes); {
		end, id := f.longest(runes, i)
		if end == i {
			i++
			continue
		}
		start, stop := i, end
		i = end
		added := v.byID[id]
		if added.SingleWord && (start > 0 && wordTable.has(runes[start-1]) || stop < len(runes) && wordTable.has(runes[stop])) {
			continue
		}
		if added.LStrip {
			for start > done && isSpace(runes[start-1]) {
				start--
			}
			start = max(start, done)
		}
		if added.RStrip {
			for stop < len(runes) && isSpace(runes[stop]) {
				stop++
			}
		}
		plain(done, start)
		if start < stop {
			out = append(out, piece{text: t.slice(start, stop), added: true, id: id})
		}
		done = max(done, stop)
	}
	plain(done, len(runes))
	return out
}

// extract takes the added tokens out of the input, and normalises what lies between them.
func (v *addedVocabulary) extract(mem *scratch, runes []rune, n normalizer) pieces {
	raw, out := v.cut(mem.list[:0], newText(mem, runes), &v.raw), mem.spare[:0]
	for _, p := range raw {
		if p.added {
			out = append(out, p)
			continue
		}
		if n != nil {
			n.normalize(&p.text)
		}
		out = v.cut(out, p.text, &v.normalized)
	}
	mem.list, mem.spare = out, raw
	return pieces{out, mem}
}
