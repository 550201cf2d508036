package pillow

import (
	"fmt"
	"math"
)

// Filter is a resampling filter under Pillow's number, the value of
// "resample" in a preprocessor_config.json.
type Filter int

// Pillow's filters (PIL.Image.Resampling).
const (
	Nearest  Filter = 0
	Lanczos  Filter = 1
	Bilinear Filter = 2
	Bicubic  Filter = 3
	Box      Filter = 4
	Hamming  Filter = 5
)

// String returns the filter's name in lower case.
func (f Filter) String() string {
	names := [...]string{"nearest", "lanczos", "bilinear", "bicubic", "box", "hamming"}
	if f < 0 || int(f) >= len(names) {
		return fmt.Sprintf("Filter(%d)", int(f))
	}
	return names[f]
}

// Valid reports whether f is one of Pillow's six filters.
func (f Filter) Valid() bool { return f >= Nearest && f <= Hamming }

// kernel returns the filter's weight function and its support: the distance,
// in output pixels, beyond which the weight is 0. Nearest has no kernel.
//
// Products are converted explicitly so that no compiler fuses them with the
// following sum: the weights must be the same on every machine.
func (f Filter) kernel() (weight func(x float64) float64, support float64) {
	switch f {
	case Box:
		return func(x float64) float64 {
			if x > -0.5 && x <= 0.5 {
				return 1
			}
			return 0
		}, 0.5
	case Bilinear:
		return func(x float64) float64 {
			return max(0, 1-math.Abs(x))
		}, 1
	case Hamming:
		// Pillow writes these two constants in single precision.
		const a, b = float64(float32(0.54)), float64(float32(0.46))
		return func(x float64) float64 {
			x = math.Abs(x)
			switch {
			case x == 0:
				return 1
			case x >= 1:
				return 0
			}
			return sinc(x) * (a + float64(b*math.Cos(x*math.Pi)))
		}, 1
	case Bicubic:
		// Keys' cubic convolution with a = -0.5.
		const a = -0.5
		return func(x float64) float64 {
			x = math.Abs(x)
			switch {
			case x < 1:
				return float64((float64((a+2)*x)-(a+3))*x*x) + 1
			case x < 2:
				return (float64((float64((x-5)*x)+8)*x) - 4) * a
			}
			return 0
		}, 2
	case Lanczos:
		return func(x float64) float64 {
			if x >= -3 && x < 3 {
				return sinc(x) * sinc(x/3)
			}
			return 0
		}, 3
	}
	panic(fmt.Sprintf("pillow: %v has no kernel", f))
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	x *= math.Pi
	return math.Sin(x) / x
}
