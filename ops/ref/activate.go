package ref

import "math"

// Activations are the functions of transformers' ACT2FN under its names.
var Activations = map[string]func(float64) float64{
	"gelu":              gelu,
	"gelu_10":           func(x float64) float64 { return min(max(gelu(x), -10), 10) },
	"gelu_fast":         geluTanh,
	"gelu_new":          geluTanh,
	"gelu_python":       gelu,
	"gelu_pytorch_tanh": geluTanh,
	"gelu_accurate":     geluTanh,
	"laplace":           func(x float64) float64 { return 0.5 * (1 + math.Erf((x-0.707107)/(0.282095*math.Sqrt2))) },
	"leaky_relu": func(x float64) float64 {
		if x < 0 {
			return 0.01 * x
		}
		return x
	},
	"linear":     func(x float64) float64 { return x },
	"mish":       func(x float64) float64 { return x * math.Tanh(math.Log1p(math.Exp(x))) },
	"quick_gelu": func(x float64) float64 { return x * sigmoid(1.702*x) },
	"relu":       relu,
	"relu2":      func(x float64) float64 { return relu(x) * relu(x) },
	"relu6":      func(x float64) float64 { return min(relu(x), 6) },
	"sigmoid":    sigmoid,
	"silu":       func(x float64) float64 { return x * sigmoid(x) },
	"swish":      func(x float64) float64 { return x * sigmoid(x) },
	"tanh":       math.Tanh,
}

func gelu(x float64) float64 { return 0.5 * x * math.Erfc(-x/math.Sqrt2) }

func geluTanh(x float64) float64 {
	return 0.5 * x * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(x+0.044715*x*x*x)))
}

func relu(x float64) float64 { return max(x, 0) }

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
