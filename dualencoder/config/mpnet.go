package config

// MPNet describes an MPNet (Song et al., "MPNet: Masked and Permuted
// Pre-training for Language Understanding", 2020): a BERT whose attention knows
// how far apart two tokens are.
type MPNet struct {
	BERT
	Buckets int // of distances: rows of their table
}

// MPNetBuckets are the buckets that transformers sorts distances into, whatever
// the size of the table.
const MPNetBuckets = 32

func newMPNet(s section, modelType string) Text {
	class := plainBERT()
	class.vocab, class.types, class.pad, class.absolute = 30527, 0, 1, true
	m := &MPNet{s.bert(modelType, class), s.integer("relative_attention_num_buckets", MPNetBuckets, MPNetBuckets, maxTokens)}
	m.PadTokenID = 1 // there, positions start after it whatever pad_token_id says
	if m.VocabSize < 2 {
		s.refuse("vocab_size", m.VocabSize, "2 or more: 1 is the padding token")
	}
	if m.MaxPositions < 3 {
		s.refuse("max_position_embeddings", m.MaxPositions, "3 or more: positions start at 2")
	}
	return m
}
