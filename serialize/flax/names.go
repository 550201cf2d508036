package flax

import (
	"slices"
	"strings"

	"github.com/vkdual/vkdual/serialize/safetensors"
)

// PyTorchName returns PyTorch's name of a parameter, whose path in the Flax model is
// joined by dots: text_model.pooler.dense.kernel is text_model.pooler.dense.weight.
func PyTorchName(path string) string {
	path = strings.TrimPrefix(strings.TrimPrefix(path, "params."), "batch_stats.")
	dot := strings.LastIndexByte(path, '.') + 1
	switch path[dot:] {
	case "kernel", "scale", "embedding":
		return path[:dot] + "weight"
	case "mean", "var":
		return path[:dot] + "running_" + path[dot:]
	}
	return path
}

// ToPyTorch returns a parameter with the name and layout that PyTorch gives it: the kernel
// of a dense layer [in,out] becomes a weight [out,in], that of a convolution
// [height,width,in,out] one of [out,in,height,width]. Nothing is copied.
func ToPyTorch(t safetensors.Tensor) safetensors.Tensor {
	if t.Name == "kernel" || strings.HasSuffix(t.Name, ".kernel") {
		switch rank := len(t.Shape); rank {
		case 0, 1:
		case 4:
			t = t.Transpose(3, 2, 0, 1)
		default:
			axes := make([]int, rank)
			for i := range axes {
				axes[i] = i
			}
			slices.Reverse(axes)
			t = t.Transpose(axes...)
		}
	}
	t.Name = PyTorchName(t.Name)
	return t
}
