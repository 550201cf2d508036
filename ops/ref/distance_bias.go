package ref

// DistanceBias is y[b,h,i,j] = scale·(q[b,h,i] (+ k[b,h,j]))·table[n-1+i-j] of qkv
// [b,t,3·d] and table [2n-1,d/heads] → [b,heads,t,t].
func DistanceBias(qkv, table []float64, b, t, d, heads, n int, keys bool, scale float64) []float64 {
	width := d / heads
	var y []float64
	for e := range b {
		for h := range heads {
			for i := range t {
				for j := range t {
					row := table[(n-1+i-j)*width:][:width]
					sum := 0.0
					for c, w := range row {
						sum += w * qkv[(e*t+i)*3*d+h*width+c]
						if keys {
							sum += w * qkv[(e*t+j)*3*d+d+h*width+c]
						}
					}
					y = append(y, scale*sum)
				}
			}
		}
	}
	return y
}
