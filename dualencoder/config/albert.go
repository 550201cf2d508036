package config

import "fmt"

// ALBERT describes an ALBERT (Lan et al., "ALBERT: A Lite BERT for
// Self-supervised Learning of Language Representations", 2019): a BERT with
// narrow embeddings, whose layers share their weights within a group.
type ALBERT struct {
	BERT
	EmbeddingSize int
	Groups        int
	GroupLayers   int // layers of a group, all run at each of NumLayers steps
}

func newALBERT(s section, modelType string) Text {
	class := bertClass{encoder: encoder{4096, 12, 64, 16384, "gelu_new", 1e-12, 0.02}, vocab: 30000, positions: 512, types: 2}
	a := &ALBERT{
		BERT:          s.bert(modelType, class),
		EmbeddingSize: s.integer("embedding_size", 128, 1, maxHidden),
		Groups:        s.integer("num_hidden_groups", 1, 1, maxLayers),
		GroupLayers:   s.integer("inner_group_num", 1, 1, maxLayers),
	}
	// As there, where more fail.
	if most := a.NumLayers / a.Groups; a.NumLayers > 0 && a.GroupLayers > most {
		s.refuse("inner_group_num", a.GroupLayers, fmt.Sprintf("at most num_hidden_layers / num_hidden_groups = %d", most))
	}
	return a
}
