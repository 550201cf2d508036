package ref

import "math"

// RoundF16 is x as IEEE 754 binary16 holds it, RoundBF16 as bfloat16 does: to
// nearest, ties to even, past the largest number to infinity.
func RoundF16(x []float64) []float64 { return round(x, 11, -14) }

// RoundBF16 is x as bfloat16 holds it.
func RoundBF16(x []float64) []float64 { return round(x, 8, -126) }

// round keeps so many binary digits, and fewer below 2^least.
func round(x []float64, digits, least int) []float64 {
	largest := math.Ldexp(2-math.Ldexp(1, 1-digits), 1-least)
	y := make([]float64, len(x))
	for i, v := range x {
		if y[i] = v; v == 0 || math.IsInf(v, 0) || math.IsNaN(v) {
			continue
		}
		_, e := math.Frexp(v) // v = f·2^e, f in [½, 1)
		unit := math.Ldexp(1, max(e-1, least)-digits+1)
		y[i] = math.RoundToEven(v/unit) * unit
		if math.Abs(y[i]) > largest {
			y[i] = math.Inf(1)
			if v < 0 {
				y[i] = math.Inf(-1)
			}
		}
	}
	return y
}

// RoundBlocks8 is x [rows,width] as integers from -127 to 127 hold it, times a
// scale for each 32 numbers of a row, of which the largest magnitude is 127.
func RoundBlocks8(x []float64, width int) []float64 {
	const block = 32
	y := make([]float64, len(x))
	for row := 0; row < len(x); row += width {
		for k := 0; k < width; k += block {
			from, to := row+k, row+min(k+block, width)
			most := 0.0
			for _, v := range x[from:to] {
				most = max(most, math.Abs(v))
			}
			if most == 0 {
				continue
			}
			for i, v := range x[from:to] {
				y[from+i] = math.RoundToEven(v/most*127) * most / 127
			}
		}
	}
	return y
}
