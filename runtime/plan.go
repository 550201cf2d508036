package runtime

import (
	"cmp"
	"slices"
)

// A plan says where each value of a program lies.
type plan struct {
	offset  []uint64 // by value; in scratch for temporaries, in io for the rest
	scratch uint64   // bytes
	io      uint64   // bytes: inputs first, then outputs
	inputs  uint64   // bytes of io that are inputs
	bound   uint64   // the most bytes of temporaries alive at once: no placement needs less
}

// newPlan places temporaries by liveness: largest first, each at the lowest
// offset where it meets no value alive at the same time (greedy by size, see
// Pisarchyk and Lee, "Efficient Memory Management for Deep Neural Net
// Inference", 2020). Inputs and outputs share memory with nothing, since the
// host holds them between runs.
func newPlan(values []value, nodes int, align uint64, alias bool) plan {
	p := plan{offset: make([]uint64, len(values))}
	up := func(n uint64) uint64 { return (n + align - 1) / align * align }
	var temps []int
	for i := range values {
		v := &values[i]
		if v.kind == temporary && v.first >= 0 {
			temps = append(temps, i)
		}
	}
	for _, k := range []kind{input, output} {
		for i := range values {
			if values[i].kind == k {
				p.offset[i] = p.io
				p.io += up(values[i].tensor.Bytes())
			}
		}
		if k == input {
			p.inputs = p.io
		}
	}
	alive := make([]uint64, nodes+1)
	for _, i := range temps {
		for n := values[i].first; n <= values[i].last; n++ {
			alive[n] += up(values[i].tensor.Bytes())
		}
	}
	p.bound = slices.Max(alive)

	slices.SortStableFunc(temps, func(a, b int) int {
		return cmp.Compare(values[b].tensor.Bytes(), values[a].tensor.Bytes())
	})
	var placed []int // by offset
	for _, i := range temps {
		v, size, at := &values[i], up(values[i].tensor.Bytes()), uint64(0)
		for _, j := range placed {
			w := &values[j]
			if alias && (w.last < v.first || v.last < w.first) {
				continue
			}
			if at+size <= p.offset[j] {
				break
			}
			at = max(at, p.offset[j]+up(w.tensor.Bytes()))
		}
		p.offset[i] = at
		p.scratch = max(p.scratch, at+size)
		k, _ := slices.BinarySearchFunc(placed, at, func(j int, at uint64) int { return cmp.Compare(p.offset[j], at) })
		placed = slices.Insert(placed, k, i)
	}
	return p
}
