package ops

import (
	"math"

	"github.com/vkdual/vkdual/runtime"
)

// Sizes of the quantized layouts of shaders/README.md, in words. Panels are
// whole multiples of 256 bytes, so that a binding may start at any of them.
const (
	panelAlign  = 64
	scales8     = panel     // of a panel, f32
	codes8      = panel     // of 4 inputs
	scales4     = panel / 2 // of a block, bf16
	codes4      = panel     // of 8 inputs
	block4Words = scales4 + block4/8*codes4
)

// quantized reports whether matrices of that type are integers with scales.
func quantized(t runtime.DType) bool { return t == runtime.Q8 || t == runtime.Q4 }

// quantized reports whether the panels are of words, with scales.
func (m Matrix) quantized() bool { return quantized(m.dtype) }

// panelTexels is the size of a panel in texels.
func (m Matrix) panelTexels() int {
	return int(m.weight.Bytes()) / m.weight.Dim(0) / runtime.TexelBytes
}

// panelWords is the size of a panel of so many inputs.
func panelWords(t runtime.DType, in int) int {
	n := scales8 + ceil(in, 4)*codes8
	if t == runtime.Q4 {
		n = ceil(in, block4) * block4Words
	}
	return ceil(n, panelAlign) * panelAlign
}

// packPanel8 fills a panel with the rows of w [32,in]: the scales of the
// columns, then for each 4 inputs a word a column, the first input lowest.
func packPanel8(dst []uint32, w []float32, in int) {
	words, codes := make([]uint32, len(dst)), make([]int8, in) // dst is for writing only
	for c := range panel {
		words[c] = math.Float32bits(quantizeRow8(codes, w[c*in:][:in]))
		for k, q := range codes {
			words[scales8+k/4*codes8+c] |= uint32(uint8(q)) << (k % 4 * 8)
		}
	}
	copy(dst, words)
}

// packPanel4 fills a panel with the rows of w [32,in]: for each 32 inputs the
// scales of the columns, two to a word, then for each 8 inputs a word a column,
// the first input lowest.
func packPanel4(dst []uint32, w []float32, in int) {
	words, codes := make([]uint32, len(dst)), make([]int8, block4)
	for c := range panel {
		for k := 0; k < in; k += block4 {
			some := min(block4, in-k)
			to := words[k/block4*block4Words:][:block4Words]
			scale := quantizeBlock4(codes[:some], w[c*in+k:][:some])
			to[c/2] |= math.Float32bits(scale) >> 16 << (c % 2 * 16)
			for i, q := range codes[:some] {
				to[scales4+i/8*codes4+c] |= uint32(q) & 15 << (i % 8 * 4)
			}
		}
	}
	copy(dst, words)
}

// packRow8 writes a row of a table: its scale, then four numbers a word.
func packRow8(dst []uint32, row []float32) {
	words, codes := make([]uint32, len(dst)), make([]int8, len(row))
	words[0] = math.Float32bits(quantizeRow8(codes, row))
	for j, q := range codes {
		words[1+j/4] |= uint32(uint8(q)) << (j % 4 * 8)
	}
	copy(dst, words)
}
