package tower

import (
	"math"

	"github.com/vkdual/vkdual/ops"
	"github.com/vkdual/vkdual/runtime"
)

// positions are the learnt positions [T,D] of a picture's tokens.
type positions func(r *runtime.Recorder, height, width int) runtime.Tensor

// fixed are positions of every picture that the tower takes.
func fixed(table runtime.Tensor) positions {
	return func(*runtime.Recorder, int, int) runtime.Tensor { return table }
}

// A grid is the order of a table of positions: some of tokens, rows·columns of
// patches, and some of tokens again.
type grid struct{ before, rows, columns, after int }

func (g grid) len() int { return g.before + g.rows*g.columns + g.after }

// resized are positions between those of a table, which has them in order g,
// for pictures of other sizes.
func resized(table runtime.Tensor, g grid, patchHeight, patchWidth int, along func(to, from int) axis) positions {
	return func(r *runtime.Recorder, height, width int) runtime.Tensor {
		rows, columns := height/patchHeight, width/patchWidth
		if rows == g.rows && columns == g.columns {
			return table
		}
		return ops.WeightedRows(r, table, g.resample(0, along(rows, g.rows), along(columns, g.columns)))
	}
}

// resample is what each position of another grid is made of: that of patch (i,j)
// of what y says for i and x for j. The table starts at row first.
func (g grid) resample(first int, y, x axis) [][]ops.Tap {
	var sums [][]ops.Tap
	keep := func(from, n int) {
		for i := range n {
			sums = append(sums, []ops.Tap{{Row: first + from + i, Weight: 1}})
		}
	}
	keep(0, g.before)
	for _, down := range y {
		for _, across := range x {
			var sum []ops.Tap
			for _, a := range down {
				for _, b := range across {
					sum = append(sum, ops.Tap{Row: first + g.before + a.Row*g.columns + b.Row, Weight: a.Weight * b.Weight})
				}
			}
			sums = append(sums, sum)
		}
	}
	keep(g.before+g.rows*g.columns, g.after)
	return sums
}

// An axis is what each place along it takes of the places of another one.
type axis [][]ops.Tap

// bicubic is the cubic convolution of Keys, 1981, with a = -3/4 and repeated
// edges, and bilinear the straight line between two places; as PyTorch's
// interpolate has them without align_corners, in its arithmetic.
func bicubic(to, from int) axis { return bicubicBy(to, from, float32(from)/float32(to)) }

func bilinear(to, from int) axis {
	step := float32(from) / float32(to)
	var a axis
	for i := range to {
		at := max(source(i, step), 0)
		left := min(int(at), from-1)
		t := min(max(at-float32(left), 0), 1)
		a = append(a, []ops.Tap{{Row: left, Weight: 1 - t}, {Row: min(left+1, from-1), Weight: t}})
	}
	return a
}

// bicubicBy has a step of its own between two places, in places of the other axis.
func bicubicBy(to, from int, step float32) axis {
	var a axis
	for i := range to {
		at := source(i, step)
		left := min(int(math.Floor(float64(at))), from-1)
		t := min(max(at-float32(left), 0), 1)
		var taps []ops.Tap
		for k, w := range [4]float32{far(t + 1), near(t), near(1 - t), far((1 - t) + 1)} {
			taps = append(taps, ops.Tap{Row: min(max(left+k-1, 0), from-1), Weight: w})
		}
		a = append(a, taps)
	}
	return a
}

// source is where the middle of place i lies on the other axis.
func source(i int, step float32) float32 { return float32(step*(float32(i)+0.5)) - 0.5 }

// near and far are the cubic convolution up to distance 1, and from 1 to 2.
func near(d float32) float32 {
	const a = -0.75
	return float32(float32(float32(float32((a+2)*d)-(a+3))*d)*d) + 1
}

func far(d float32) float32 {
	const a = -0.75
	return float32(float32(float32(float32(float32(a*d)-5*a)*d)+8*a)*d) - 4*a
}
