package tokenizer

import "fmt"

// match is a run of characters that a pattern hit, or one between two hits. A list of them covers a text in order.
type match struct {
	lo, hi int
	hit    bool
}

// behavior says what becomes of the hits when a text is split at them.
type behavior uint8

const (
	removed behavior = iota
	isolated
	mergedWithPrevious
	mergedWithNext
	contiguous
)

func parseBehavior(s string) (behavior, error) {
	switch s {
	case "Removed":
		return removed, nil
	case "Isolated":
		return isolated, nil
	case "MergedWithPrevious":
		return mergedWithPrevious, nil
	case "MergedWithNext":
		return mergedWithNext, nil
	case "Contiguous":
		return contiguous, nil
	}
	return 0, fmt.Errorf("behavior %q: want Removed, Isolated, MergedWithPrevious, MergedWithNext or Contiguous", s)
}

// matchRunes hits every single character for which f holds.
func matchRunes(runes []rune, f func(rune) bool) []match {
	var out []match
	last := 0
	for i, r := range runes {
		if !f(r) {
			continue
		}
		if last < i {
			out = append(out, match{last, i, false})
		}
		out = append(out, match{i, i + 1, true})
		last = i + 1
	}
	if last < len(runes) {
		out = append(out, match{last, len(runes), false})
	}
	return out
}

func invert(found []match) []match {
	for i := range found {
		found[i].hit = !found[i].hit
	}
	return found
}

// split cuts the text at the matches.
func (t *text) split(found []match, how behavior) []text {
	out := make([]text, 0, len(found))
	for _, m := range arrange(found, how) {
		if m.lo < m.hi {
			out = append(out, t.slice(m.lo, m.hi))
		}
	}
	return out
}

// arrange drops or joins the matches as the behavior says.
func arrange(found []match, how behavior) []match {
	out := found[:0:0]
	before := false
	switch how {
	case removed:
		for _, m := range found {
			if !m.hit {
				out = append(out, m)
			}
		}
	case isolated:
		return found
	case contiguous:
		for _, m := range found {
			if m.hit == before && len(out) > 0 {
				out[len(out)-1].hi = m.hi
			} else {
				out = append(out, m)
			}
			before = m.hit
		}
	case mergedWithPrevious:
		for _, m := range found {
			if m.hit && !before && len(out) > 0 {
				out[len(out)-1].hi = m.hi
			} else {
				out = append(out, m)
			}
			before = m.hit
		}
	case mergedWithNext:
		for i := len(found) - 1; i >= 0; i-- {
			m := found[i]
			if m.hit && !before && len(out) > 0 {
				out[len(out)-1].lo = m.lo
			} else {
				out = append(out, m)
			}
			before = m.hit
		}
		for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
			out[i], out[j] = out[j], out[i]
		}
	}
	return out
}
