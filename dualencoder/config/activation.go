package config

// Activations are the values of hidden_act: the keys of transformers' ACT2FN.
func Activations() []string {
	return []string{
		"gelu", "gelu_10", "gelu_accurate", "gelu_fast", "gelu_new", "gelu_python", "gelu_pytorch_tanh",
		"laplace", "leaky_relu", "linear", "mish", "quick_gelu", "relu", "relu2", "relu6",
		"sigmoid", "silu", "swish", "tanh",
	}
}
