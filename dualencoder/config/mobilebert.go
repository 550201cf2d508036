package config

import "fmt"

// MobileBERT describes a MobileBERT (Sun et al., "MobileBERT: a Compact
// Task-Agnostic BERT for Resource-Limited Devices", 2020).
type MobileBERT struct {
	BERT
	EmbeddingSize       int
	Trigrams            bool // a token's embedding is of itself and its neighbours
	Bottleneck          bool // layers are narrower than what is between them:
	InnerSize           int  // so wide; HiddenSize without a bottleneck
	BottleneckAttention bool // queries, keys and values all come of the narrow input
	SharedBottleneck    bool // queries and keys come of a narrow input of their own
	FeedForwards        int  // MLPs of a layer
	LayerNorm           bool // or else only a scale and a shift
	Pooler              bool // or else the first token as it is
}

func newMobileBERT(s section, modelType string) Text {
	def := encoder{512, 24, 4, 512, "relu", 1e-12, 0.02}
	m := &MobileBERT{
		EmbeddingSize:       s.integer("embedding_size", 128, 1, maxHidden),
		Trigrams:            s.boolean("trigram_input", true),
		Bottleneck:          s.boolean("use_bottleneck", true),
		InnerSize:           s.integer("intra_bottleneck_size", 128, 1, maxHidden),
		BottleneckAttention: s.boolean("use_bottleneck_attention", false),
		SharedBottleneck:    s.boolean("key_query_shared_bottleneck", true),
		FeedForwards:        s.integer("num_feedforward_networks", 4, 1, maxLayers),
		LayerNorm:           s.choice("normalization_type", "no_norm", []string{"layer_norm", "no_norm"}) == "layer_norm",
		Pooler:              s.boolean("classifier_activation", true),
	}
	class := plainBERT()
	class.encoder, class.absolute = def, true
	if m.Bottleneck {
		class.heads = share{"intra_bottleneck_size", m.InnerSize}
	}
	m.BERT = s.bert(modelType, class)
	if !m.Bottleneck {
		m.InnerSize = m.HiddenSize
		return m
	}
	if !m.BottleneckAttention && !m.SharedBottleneck && m.InnerSize != m.HiddenSize {
		s.refuse("key_query_shared_bottleneck", false, fmt.Sprintf("true where intra_bottleneck_size, %d, is not hidden_size, %d, or else use_bottleneck_attention", m.InnerSize, m.HiddenSize))
	}
	return m
}
