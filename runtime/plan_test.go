package runtime

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// Whatever the lifetimes, no two values that are alive together may overlap,
// and the plan is between the liveness bound and the sum of all.
func TestPlanKeepsLivingValuesApart(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		nodes := 1 + rnd.IntN(30)
		var values []value
		var sum uint64
		const align = 64
		for range 1 + rnd.IntN(40) {
			x, err := newTensor(F32, []int{1 + rnd.IntN(500)})
			require.NoError(t, err)
			v := value{tensor: x, kind: kind(rnd.IntN(3)), first: rnd.IntN(nodes)}
			v.last = v.first + rnd.IntN(nodes-v.first)
			if v.kind == temporary {
				sum += (x.Bytes() + align - 1) / align * align
			}
			values = append(values, v)
		}
		for _, alias := range []bool{true, false} {
			p := newPlan(values, nodes, align, alias)
			require.LessOrEqual(t, p.bound, p.scratch)
			require.LessOrEqual(t, p.scratch, sum)
			for i, v := range values {
				require.Zero(t, p.offset[i]%align)
				for j, w := range values[:i] {
					scratch := v.kind == temporary
					if scratch != (w.kind == temporary) {
						continue
					}
					if scratch && alias && (v.last < w.first || w.last < v.first) {
						continue
					}
					apart := p.offset[i]+v.tensor.Bytes() <= p.offset[j] || p.offset[j]+w.tensor.Bytes() <= p.offset[i]
					require.True(t, apart, "values %d and %d overlap", j, i)
				}
			}
		}
	}
}

func TestHazards(t *testing.T) {
	read := func(lo, hi uint64) span { return span{1, lo, hi, false} }
	write := func(lo, hi uint64) span { return span{1, lo, hi, true} }
	for name, c := range map[string]struct {
		first, second span
		need          bool
	}{
		"read after write":   {write(0, 8), read(4, 12), true},
		"write after read":   {read(0, 8), write(7, 8), true},
		"write after write":  {write(0, 8), write(0, 8), true},
		"read after read":    {read(0, 8), read(0, 8), false},
		"neighbours":         {write(0, 8), read(8, 16), false},
		"before the written": {write(8, 16), read(0, 8), false},
	} {
		var h hazards
		h.touch([]span{c.first})
		require.Equal(t, c.need, h.need([]span{c.second}), name)
	}
	other := span{2, 0, 8, true}
	h := hazards{write(0, 8)}
	require.False(t, h.need([]span{other}), "another buffer")
}
