package tensorflow

import (
	"slices"
	"strings"

	"github.com/vkdual/vkdual/serialize/safetensors"
)

// Variable returns a variable's name without its first level, which is the model's own:
// tf_bert_model/bert/pooler/dense/bias:0 is bert/pooler/dense/bias:0.
func Variable(name string) string {
	if _, rest, ok := strings.Cut(name, "/"); ok {
		return rest
	}
	return name
}

// PyTorchName returns PyTorch's name of a variable, which comes without its first level:
// vision_model/vit/encoder/layer_._0/layernorm_after/gamma:0 is
// vision_model.encoder.layer.0.layernorm_after.weight.
func PyTorchName(variable string) string {
	levels := levels(variable)
	last := len(levels) - 1
	switch levels[last] {
	case "kernel", "embeddings", "gamma":
		levels[last] = "weight"
	case "beta":
		levels[last] = "bias"
	}
	// A TensorFlow model holds its layers in one of their own, the main layer,
	// which PyTorch's lacks: the two towers in vit, bert and the like, a whole
	// CLIP model in clip.
	switch {
	case levels[0] == "clip" && len(levels) > 1:
		levels = levels[1:]
	case (levels[0] == "vision_model" || levels[0] == "text_model") && len(levels) > 2:
		levels = slices.Delete(levels, 1, 2)
	}
	return strings.Join(levels, ".")
}

// levels splits a variable's name: at slashes and at "_._", where TensorFlow has lists
// of layers. Of a level "a___b" b counts, which is how a layer's name is overridden.
func levels(variable string) []string {
	variable = strings.ReplaceAll(strings.ReplaceAll(variable, ":0", ""), "_._", "/")
	levels := strings.FieldsFunc(variable, func(r rune) bool { return r == '/' })
	for i, level := range levels {
		if at := strings.LastIndex(level, "___"); at >= 0 && i < len(levels)-1 {
			levels[i] = level[at+3:]
		}
	}
	if len(levels) == 0 {
		return []string{variable}
	}
	return levels
}

// ToPyTorch returns a variable, which comes without its first level, with the name and
// layout that PyTorch gives it: the kernel of a dense layer [in,out] becomes a weight
// [out,in], that of a convolution [height,width,in,out] one of [out,in,height,width], in
// one dimension [size,in,out] one of [out,in,size]. Nothing is copied.
func ToPyTorch(t safetensors.Tensor) safetensors.Tensor {
	levels := levels(t.Name)
	if levels[len(levels)-1] == "kernel" {
		switch len(t.Shape) {
		case 2:
			t = t.Transpose(1, 0)
		case 3:
			t = t.Transpose(2, 1, 0)
		case 4:
			t = t.Transpose(3, 2, 0, 1)
		}
	}
	t.Name = PyTorchName(t.Name)
	return t
}
