package tower

import (
	"encoding/binary"
	"math"

	"github.com/vkdual/vkdual/dualencoder/config"
	"github.com/vkdual/vkdual/dualencoder/weights"
	"github.com/vkdual/vkdual/ops"
	"github.com/vkdual/vkdual/runtime"
)

// An area is rows and columns of patches, or of what they were merged to.
type area struct{ rows, columns int }

func (a area) smaller() int { return min(a.rows, a.columns) }

// halved is what is left when patches are merged two by two.
func (a area) halved() area { return area{(a.rows + 1) / 2, (a.columns + 1) / 2} }

// windows cut an area into squares of side·side patches (Liu et al., "Swin
// Transformer", 2021, section 3.2). The area is filled up with zeros at the right
// and at the bottom, and turned by shift towards the upper left, so that what
// leaves it there comes in again on the other side.
type windows struct{ side, shift int }

// A cut is an area in windows.
type cut struct {
	count   int      // of windows
	tokens  int      // of each
	to      []uint32 // for each token of each window its patch, or ops.NoRow
	back    []uint32 // for each patch its place in to
	regions []uint32 // for each token of each window: patches that were apart before the turn differ; nil: there was none
}

func (w windows) over(a area) cut {
	down, across := (a.rows+w.side-1)/w.side, (a.columns+w.side-1)/w.side
	rows, columns := down*w.side, across*w.side
	c := cut{count: down * across, tokens: w.side * w.side, back: make([]uint32, a.rows*a.columns)}
	for window := range c.count {
		for token := range c.tokens {
			i := window/across*w.side + token/w.side
			j := window%across*w.side + token%w.side
			y, x := (i+w.shift)%rows, (j+w.shift)%columns
			if y < a.rows && x < a.columns {
				c.back[y*a.columns+x] = uint32(len(c.to))
				c.to = append(c.to, uint32(y*a.columns+x))
			} else {
				c.to = append(c.to, ops.NoRow)
			}
			if w.shift > 0 {
				c.regions = append(c.regions, 3*w.strip(i, rows)+w.strip(j, columns))
			}
		}
	}
	return c
}

// strip is the part of a turned side of the given length that place i is in: the
// windows before the last, what was last before the turn, or what came in.
func (w windows) strip(i, length int) uint32 {
	switch {
	case i < length-w.side:
		return 0
	case i < length-w.shift:
		return 1
	}
	return 2
}

// split is x [B,rows·columns,D] → [B·windows,tokens,D].
func (c cut) split(r *runtime.Recorder, x runtime.Tensor) runtime.Tensor {
	return r.Reshape(rearrange(r, x, c.to), x.Dim(0)*c.count, c.tokens, x.Dim(2))
}

// join is the inverse of split.
func (c cut) join(r *runtime.Recorder, x runtime.Tensor) runtime.Tensor {
	return rearrange(r, r.Reshape(x, x.Dim(0)/c.count, len(c.to), x.Dim(2)), c.back)
}

// constant is the regions [windows,tokens], absent where there are none.
func (c cut) constant(r *runtime.Recorder) runtime.Tensor {
	if c.regions == nil {
		return runtime.Tensor{}
	}
	numbers := make([]float32, len(c.regions))
	for i, n := range c.regions {
		numbers[i] = float32(n)
	}
	return floats(r, numbers, c.count, c.tokens)
}

// pairs is, for query i and key j of a window, the row of a table of
// (2·side-1)² relative positions: [tokens,tokens].
func (w windows) pairs(r *runtime.Recorder) runtime.Tensor {
	n := w.side * w.side
	data := make([]byte, 0, 4*n*n)
	for _, row := range w.rows() {
		data = binary.NativeEndian.AppendUint32(data, uint32(row))
	}
	return r.Constant(runtime.U32, data, n, n)
}

// rows are the numbers of pairs.
func (w windows) rows() []int64 {
	n, reach := w.side*w.side, 2*w.side-1
	rows := make([]int64, 0, n*n)
	for i := range n {
		for j := range n {
			y, x := i/w.side-j/w.side+w.side-1, i%w.side-j%w.side+w.side-1
			rows = append(rows, int64(y*reach+x))
		}
	}
	return rows
}

// rearrange is ops.GatherRows, or nothing where every row stays in its place.
func rearrange(r *runtime.Recorder, x runtime.Tensor, index []uint32) runtime.Tensor {
	moved := len(index) != x.Dim(1)
	for i, at := range index {
		moved = moved || at != uint32(i)
	}
	if !moved {
		return x
	}
	return ops.GatherRows(r, x, index)
}

// floats is numbers known when the program is made.
func floats(r *runtime.Recorder, numbers []float32, shape ...int) runtime.Tensor {
	data := make([]byte, 0, 4*len(numbers))
	for _, v := range numbers {
		data = binary.NativeEndian.AppendUint32(data, math.Float32bits(v))
	}
	return r.Constant(runtime.F32, data, shape...)
}

// A windowAttention is attention inside of windows, with learnt scores for how
// the key lies to the query.
type windowAttention struct {
	name    string
	heads   int
	qkv     ops.Matrix
	cosine  runtime.Tensor                           // [H]: logarithms of the scales of scores that are cosines; absent: products
	table   func(r *runtime.Recorder) runtime.Tensor // [(2·side-1)²,H], by windows.pairs
	apart   float32                                  // added between regions
	project linear
}

// newWindowProjection is applied where the patches are back in their places, and
// therefore has no output to compare with PyTorch's.
func newWindowProjection(w weights.Scope, s config.SwinStage) linear {
	l := newLinear(w.Sub("attention", "output", "dense"), s.Width, s.Width)
	l.name += ".joined"
	return l
}

// Forward is x [B,rows·columns,D] → the same, and the probabilities when wanted.
func (l windowAttention) Forward(r *runtime.Recorder, x runtime.Tensor, a area, w windows, want Want) (y, probs runtime.Tensor) {
	c := w.over(a)
	context, probs := l.attend(r, c.split(r, x), w, c, want)
	return l.project.Forward(r, c.join(r, context)), probs
}

func (l windowAttention) attend(r *runtime.Recorder, x runtime.Tensor, w windows, c cut, want Want) (context, probs runtime.Tensor) {
	defer r.Scope(l.name)()
	in := ops.AttentionInput{
		QKV: ops.Linear(r, x, l.qkv), Heads: l.heads,
		Bias:    ops.PairBias(r, l.table(r), w.pairs(r)),
		Regions: c.constant(r), Apart: l.apart,
	}
	if l.cosine.Valid() {
		in.QKV, in.Scale = ops.CosineHeads(r, in.QKV, l.cosine, logHundred), 1
	}
	context = tap(r, ops.Attention(r, in))
	if want.Attentions {
		probs = ops.AttentionProbs(r, in)
	}
	return context, probs
}
