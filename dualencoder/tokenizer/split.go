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

// matchRunes hits every single character for which it holds.
type matchRunes func(rune) bool

func (f matchRunes) find(out []match, runes []rune) []match {
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

// inverted hits what lies between the hits of a pattern.
type inverted struct{ pattern }

func (p inverted) find(out []match, runes []rune) []match {
	n := len(out)
	out = p.pattern.find(out, runes)
	for i := range out[n:] {
		out[n+i].hit = !out[n+i].hit
	}
	return out
}

// arrange drops or joins the matches as the behavior says, in place.
func arrange(found []match, how behavior) []match {
	out := found[:0]
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
			hit := m.hit
			if hit && !before && len(out) > 0 {
				out[len(out)-1].hi = m.hi
			} else {
				out = append(out, m)
			}
			before = hit
		}
	case mergedWithNext:
		at := len(found) // what is done stands from here on
		for i := len(found) - 1; i >= 0; i-- {
			m := found[i]
			if m.hit && !before && at < len(found) {
				found[at].lo = m.lo
			} else {
				at--
				found[at] = m
			}
			before = m.hit
		}
		return found[at:]
	}
	return out
}
