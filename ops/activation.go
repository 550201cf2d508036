package ops

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vkdual/vkdual/runtime"
)

// An Activation is a function that shaders/include/activation.glsl computes;
// its number is the one there. The zero value is the identity.
type Activation uint32

// The numbers of shaders/include/activation.glsl.
const (
	Identity Activation = iota
	GELU
	GELUTanh
	QuickGELU
	ReLU
	SiLU
	Tanh
	Sigmoid
	GELU10
	Laplace
	LeakyReLU
	Mish
	ReLU2
	ReLU6
)

// activations are the names of transformers' ACT2FN.
var activations = map[string]Activation{
	"gelu":              GELU,
	"gelu_10":           GELU10,
	"gelu_accurate":     GELUTanh,
	"gelu_fast":         GELUTanh,
	"gelu_new":          GELUTanh,
	"gelu_python":       GELU,
	"gelu_pytorch_tanh": GELUTanh,
	"laplace":           Laplace,
	"leaky_relu":        LeakyReLU,
	"linear":            Identity,
	"mish":              Mish,
	"quick_gelu":        QuickGELU,
	"relu":              ReLU,
	"relu2":             ReLU2,
	"relu6":             ReLU6,
	"sigmoid":           Sigmoid,
	"silu":              SiLU,
	"swish":             SiLU,
	"tanh":              Tanh,
}

// ActivationNames are the names that ParseActivation takes.
func ActivationNames() []string { return slices.Sorted(maps.Keys(activations)) }

// String is one of the function's names, "linear" for the identity.
func (a Activation) String() string {
	for _, name := range ActivationNames() {
		if activations[name] == a {
			return name
		}
	}
	return fmt.Sprint("activation ", uint32(a))
}

// ParseActivation takes a config's hidden_act.
func ParseActivation(name string) (Activation, error) {
	a, ok := activations[name]
	if !ok {
		return 0, fmt.Errorf("ops: unknown activation %q; known are %s", name, strings.Join(ActivationNames(), ", "))
	}
	return a, nil
}

// Activate is a(x), element by element. Where x was just made by Linear, the
// function becomes a part of that dispatch, and x must not be used again.
func Activate(r *runtime.Recorder, x runtime.Tensor, a Activation) runtime.Tensor {
	if !want(r, "Activate", "x", x, runtime.F32, x.Shape()...) {
		return runtime.Tensor{}
	}
	if a == Identity {
		return x
	}
	if y, ok := fuseActivation(r, x, a); ok {
		return y
	}
	y := r.Temp(runtime.F32, x.Shape()...)
	r.Dispatch(runtime.Dispatch{
		Op: fmt.Sprintf("activate %v", x.Shape()), Module: "activate",
		Push: []uint32{u32(x.Elems()), uint32(a)}, Groups: elementwise(x.Elems()), Bind: runtime.Bind(x, y),
		FLOPs: 8 * float64(x.Elems()),
	})
	return y
}
