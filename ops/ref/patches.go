package ref

// Patches cuts x [b,c,h,w] into patches → [b,(h/ph)·(w/pw),c·ph·pw].
func Patches(x []float64, b, c, h, w, ph, pw int) []float64 {
	var y []float64
	for n := range b {
		for py := range h / ph {
			for px := range w / pw {
				for k := range c {
					for i := range ph {
						for j := range pw {
							y = append(y, x[((n*c+k)*h+py*ph+i)*w+px*pw+j])
						}
					}
				}
			}
		}
	}
	return y
}
