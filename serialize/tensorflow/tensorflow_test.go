package tensorflow_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/vkdual/vkdual/serialize/safetensors"
	"github.com/vkdual/vkdual/serialize/tensorflow"
)

func TestNames(t *testing.T) {
	for variable, want := range map[string]string{
		"logit_scale:0":            "logit_scale",
		"text_projection/kernel:0": "text_projection.weight",
		"text_model/bert/embeddings/word_embeddings/weight:0":                   "text_model.embeddings.word_embeddings.weight",
		"text_model/roberta/embeddings/position_embeddings/embeddings:0":        "text_model.embeddings.position_embeddings.weight",
		"text_model/roberta/encoder/layer_._11/output/LayerNorm/gamma:0":        "text_model.encoder.layer.11.output.LayerNorm.weight",
		"vision_model/vit/encoder/layer_._0/layernorm_before/beta:0":            "vision_model.encoder.layer.0.layernorm_before.bias",
		"vision_model/clip/vision_model/encoder/layers_._0/mlp/fc1/kernel:0":    "vision_model.vision_model.encoder.layers.0.mlp.fc1.weight",
		"vision_model/clip/vision_model/embeddings/class_embedding:0":           "vision_model.vision_model.embeddings.class_embedding",
		"clip/text_model/embeddings/token_embedding/weight:0":                   "text_model.embeddings.token_embedding.weight",
		"bert/pooler/dense/bias:0":                                              "bert.pooler.dense.bias",
		"albert/encoder/albert_layer_groups_._0/albert_layers_._0/ffn/kernel:0": "albert.encoder.albert_layer_groups.0.albert_layers.0.ffn.weight",
		"text_model/bert/bert/old___encoder/dense/kernel:0":                     "text_model.bert.encoder.dense.weight",
	} {
		require.Equal(t, want, tensorflow.PyTorchName(variable))
	}
	require.Equal(t, "bert/pooler/dense/bias:0", tensorflow.Variable("tf_bert_model/bert/pooler/dense/bias:0"))
	require.Equal(t, "logit_scale:0", tensorflow.Variable("logit_scale:0"))
}

func TestLayouts(t *testing.T) {
	for _, c := range []struct {
		name        string
		shape, want []int
	}{
		{"a/kernel:0", []int{2, 3}, []int{3, 2}},
		{"a/kernel:0", []int{1, 2, 3}, []int{3, 2, 1}},
		{"a/kernel:0", []int{1, 2, 3, 4}, []int{4, 3, 1, 2}},
		{"a/embeddings:0", []int{2, 3}, []int{2, 3}},
	} {
		n := 1
		for _, d := range c.shape {
			n *= d
		}
		require.Equal(t, c.want, tensorflow.ToPyTorch(safetensors.FromFloat32s(c.name, make([]float32, n), c.shape...)).Shape)
	}
}
