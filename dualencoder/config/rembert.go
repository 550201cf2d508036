package config

// RemBERT describes a RemBERT (Chung et al., "Rethinking embedding coupling in
// pre-trained language models", 2020): a BERT with narrow embeddings.
type RemBERT struct {
	BERT
	EmbeddingSize int
}

func newRemBERT(s section, modelType string) Text {
	class := bertClass{encoder: encoder{1152, 32, 18, 4608, "gelu", 1e-12, 0.02}, vocab: 250300, positions: 512, types: 2, absolute: true}
	return &RemBERT{s.bert(modelType, class), s.integer("input_embedding_size", 256, 1, maxHidden)}
}
