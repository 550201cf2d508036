package tokenizer

import (
	"slices"
	"sort"
	"strings"
)

// trie finds the entries that a text starts with. Its nodes are in breadth-first order, so the children of one lie side
// by side: those of node n are first[n] to first[n+1], by ascending label. Node 0 is the root.
type trie struct {
	root  [256]int32 // the root's children by label; 0: none
	first []int32
	label []byte
	value []int32 // -1: no entry ends here
}

// newTrie makes a trie of entries that are not empty.
func newTrie(entries map[string]int) *trie {
	type entry struct {
		name  string
		value int32
	}
	sorted := make([]entry, 0, len(entries))
	for s, value := range entries {
		if s != "" {
			sorted = append(sorted, entry{s, int32(value)})
		}
	}
	slices.SortFunc(sorted, func(a, b entry) int { return strings.Compare(a.name, b.name) })
	size := 1
	before := ""
	for _, e := range sorted {
		common := 0
		for common < min(len(before), len(e.name)) && before[common] == e.name[common] {
			common++
		}
		size += len(e.name) - common
		before = e.name
	}
	type node struct{ lo, hi, depth int32 } // the entries below it, and the length of its path
	queue := make([]node, 1, size)
	queue[0].hi = int32(len(sorted))
	t := &trie{first: make([]int32, 0, size+1), label: make([]byte, 1, size), value: make([]int32, 0, size)}
	for n := 0; n < len(queue); n++ {
		lo, hi, depth := queue[n].lo, queue[n].hi, queue[n].depth
		t.first = append(t.first, int32(len(queue)))
		value := int32(-1)
		if lo < hi && len(sorted[lo].name) == int(depth) {
			value = sorted[lo].value
			lo++
		}
		t.value = append(t.value, value)
		for lo < hi {
			c := sorted[lo].name[depth]
			next := hi
			if sorted[hi-1].name[depth] != c {
				next = lo + int32(sort.Search(int(hi-lo), func(i int) bool { return sorted[int(lo)+i].name[depth] > c }))
			}
			if n == 0 {
				t.root[c] = int32(len(queue))
			}
			queue = append(queue, node{lo, next, depth + 1})
			t.label = append(t.label, c)
			lo = next
		}
	}
	t.first = append(t.first, int32(len(queue)))
	return t
}

// child is the node below n at label c, or 0.
func (t *trie) child(n int32, c byte) int32 {
	if n == 0 {
		return t.root[c]
	}
	lo, hi := t.first[n], t.first[n+1]
	for hi-lo > 8 {
		if mid := lo + (hi-lo)/2; t.label[mid] <= c {
			lo = mid
		} else {
			hi = mid
		}
	}
	for ; lo < hi; lo++ {
		if t.label[lo] == c {
			return lo
		}
	}
	return 0
}

// longest is the length and value of the longest entry that s starts with; 0 where there is none.
func (t *trie) longest(s []byte) (length int, value int32) {
	n := int32(0)
	for i, c := range s {
		if n = t.child(n, c); n == 0 {
			break
		}
		if v := t.value[n]; v >= 0 {
			length, value = i+1, v
		}
	}
	return length, value
}
