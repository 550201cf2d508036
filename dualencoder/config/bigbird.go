package config

// BigBird describes a BigBird (Zaheer et al., "Big Bird: Transformers for Longer
// Sequences", 2020) whose texts are short enough for full attention.
type BigBird struct {
	BERT
	QKVBias           bool
	RescaleEmbeddings bool // words by √HiddenSize
	MaxTokens         int  // beyond it attention would be sparse; 0: never
}

func newBigBird(s section, modelType string) Text {
	class := plainBERT()
	class.vocab, class.positions, class.act, class.absolute = 50358, 4096, "gelu_new", true
	b := &BigBird{
		BERT:              s.bert(modelType, class),
		QKVBias:           s.boolean("use_bias", true),
		RescaleEmbeddings: s.boolean("rescale_embeddings", false),
	}
	const full, sparse = "original_full", "block_sparse"
	if s.choice("attention_type", sparse, []string{full, sparse}) == sparse {
		block, random := s.integer("block_size", 64, 1, maxTokens), s.integer("num_random_blocks", 3, 0, maxTokens)
		// Twice the global, the sliding and twice the random blocks: shorter
		// sequences are attended to in full, as transformers does by itself.
		b.MaxTokens = (5 + 2*random) * block
	}
	return b
}
