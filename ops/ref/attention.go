package ref

import "math"

// AttentionInput is what attention takes; absent slices are nil.
type AttentionInput struct {
	QKV     []float64 // [Batch,Tokens,3·Width]
	Mask    []float64 // [Batch,Tokens], over the keys
	Bias    []float64 // [groups,Heads,Tokens,Tokens]
	Regions []float64 // [groups,Tokens]
	Apart   float64   // between tokens of different regions
	Causal  bool      // no query looks at a later key

	Batch, Tokens, Width, Heads int
	Scale                       float64
}

// AttentionProbs is softmax(scale·q·kᵀ + bias + mask or regions), with the width in
// heads of equal width → [Batch,Heads,Tokens,Tokens].
func AttentionProbs(in AttentionInput) []float64 {
	t, d, width := in.Tokens, in.Width, in.Width/in.Heads
	p := make([]float64, in.Batch*in.Heads*t*t)
	for n := range in.Batch {
		for h := range in.Heads {
			for i := range t {
				row := p[((n*in.Heads+h)*t+i)*t:][:t]
				top, sum := math.Inf(-1), 0.0
				for j := range t {
					for c := range width {
						q := in.QKV[(n*t+i)*3*d+h*width+c]
						k := in.QKV[(n*t+j)*3*d+d+h*width+c]
						row[j] += q * k
					}
					row[j] *= in.Scale
					if in.Causal && j > i {
						row[j] += -1e30
					}
					if in.Bias != nil {
						row[j] += in.Bias[((n*in.Heads+h)*t+i)*t%len(in.Bias)+j]
					}
					if in.Mask != nil {
						// The sum is rounded to f32 as the reference
						// implementation does: beside the smallest float a
						// score vanishes, and a row that is masked wholly
						// is uniform.
						row[j] = float64(float32(row[j] + in.Mask[n*t+j]))
					}
					if in.Regions != nil && in.Regions[(n*t+i)%len(in.Regions)] != in.Regions[(n*t+j)%len(in.Regions)] {
						row[j] += in.Apart
					}
					top = max(top, row[j])
				}
				for j := range row {
					row[j] = math.Exp(row[j] - top)
					sum += row[j]
				}
				for j := range row {
					row[j] /= sum
				}
			}
		}
	}
	return p
}

// AttentionScores is scale·q·kᵀ of the same, and the smallest f32 where the mask is
// below 0.
func AttentionScores(in AttentionInput) []float64 {
	t, d, heads, width := in.Tokens, in.Width, in.Heads, in.Width/in.Heads
	y := make([]float64, in.Batch*heads*t*t)
	for at := range y {
		j, i, h, n := at%t, at/t%t, at/(t*t)%heads, at/(t*t*heads)
		for c := range width {
			y[at] += in.Scale * in.QKV[(n*t+i)*3*d+h*width+c] * in.QKV[(n*t+j)*3*d+d+h*width+c]
		}
		if in.Mask != nil && in.Mask[n*t+j] < 0 {
			y[at] = -math.MaxFloat32
		}
	}
	return y
}

// Attention is AttentionProbs·v, heads side by side → [Batch,Tokens,Width]
// (Vaswani et al., "Attention Is All You Need", 2017, section 3.2).
func Attention(in AttentionInput) []float64 {
	p, t, d, width := AttentionProbs(in), in.Tokens, in.Width, in.Width/in.Heads
	y := make([]float64, in.Batch*t*d)
	for n := range in.Batch {
		for i := range t {
			for c := range d {
				for j := range t {
					y[(n*t+i)*d+c] += p[((n*in.Heads+c/width)*t+i)*t+j] * in.QKV[(n*t+j)*3*d+2*d+c]
				}
			}
		}
	}
	return y
}
