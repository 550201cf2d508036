package config

// LayoutLM describes a LayoutLM (Xu et al., "LayoutLM: Pre-training of Text and
// Layout for Document Image Understanding", 2019): a BERT whose tokens have a
// box on a page.
type LayoutLM struct {
	BERT
	PagePositions int // coordinates of a page
}

func newLayoutLM(s section, modelType string) Text {
	return &LayoutLM{s.bert(modelType, plainBERT()), s.integer("max_2d_position_embeddings", 1024, 1, maxTokens)}
}
