package ref

import "math"

// AttentionProbs is softmax(scale·q·kᵀ + bias + mask) of qkv [b,t,3·d] with d in
// heads of equal width, mask [b,t] over the keys or nil, and bias
// [groups,heads,t,t] or nil → [b,heads,t,t].
func AttentionProbs(qkv, mask, bias []float64, b, t, d, heads int, scale float64) []float64 {
	width := d / heads
	p := make([]float64, b*heads*t*t)
	for n := range b {
		for h := range heads {
			for i := range t {
				row := p[((n*heads+h)*t+i)*t:][:t]
				top, sum := math.Inf(-1), 0.0
				for j := range t {
					for c := range width {
						q := qkv[(n*t+i)*3*d+h*width+c]
						k := qkv[(n*t+j)*3*d+d+h*width+c]
						row[j] += q * k
					}
					row[j] *= scale
					if bias != nil {
						row[j] += bias[((n*heads+h)*t+i)*t%len(bias)+j]
					}
					if mask != nil {
						// The sum is rounded to f32 as the reference
						// implementation does: beside the smallest float a
						// score vanishes, and a row that is masked wholly
						// is uniform.
						row[j] = float64(float32(row[j] + mask[n*t+j]))
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

// Attention is AttentionProbs·v, heads side by side → [b,t,d] (Vaswani et al.,
// "Attention Is All You Need", 2017, section 3.2).
func Attention(qkv, mask, bias []float64, b, t, d, heads int, scale float64) []float64 {
	p, width := AttentionProbs(qkv, mask, bias, b, t, d, heads, scale), d/heads
	y := make([]float64, b*t*d)
	for n := range b {
		for i := range t {
			for c := range d {
				for j := range t {
					y[(n*t+i)*d+c] += p[((n*heads+c/width)*t+i)*t+j] * qkv[(n*t+j)*3*d+2*d+c]
				}
			}
		}
	}
	return y
}
