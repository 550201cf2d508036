package config

import "fmt"

// SqueezeBERT describes a SqueezeBERT (Iandola et al., "SqueezeBERT: What can
// computer vision teach NLP about efficient neural networks?", 2020): a BERT
// with grouped convolutions for matrices.
type SqueezeBERT struct {
	BERT
	QueryGroups, KeyGroups, ValueGroups           int
	ProjectGroups, IntermediateGroups, DownGroups int
}

func newSqueezeBERT(s section, modelType string) Text {
	class := plainBERT()
	class.absolute = true
	b := &SqueezeBERT{BERT: s.bert(modelType, class)}
	if n := s.integer("embedding_size", 768, 1, maxHidden); n != b.HiddenSize {
		s.refuse("embedding_size", n, fmt.Sprintf("hidden_size, %d", b.HiddenSize))
	}
	groups := func(name string, def, in, out int) int {
		before := len(*s.errs)
		g := s.integer(name, def, 1, maxHidden)
		if (in%g != 0 || out%g != 0) && len(*s.errs) == before {
			s.refuse(name, g, fmt.Sprintf("a divisor of %d and %d, the sizes that it maps between", in, out))
		}
		return g
	}
	d, hidden := b.HiddenSize, b.IntermediateSize
	b.QueryGroups, b.KeyGroups, b.ValueGroups = groups("q_groups", 4, d, d), groups("k_groups", 4, d, d), groups("v_groups", 4, d, d)
	b.ProjectGroups = groups("post_attention_groups", 1, d, d)
	b.IntermediateGroups = groups("intermediate_groups", 4, d, hidden)
	b.DownGroups = groups("output_groups", 4, hidden, d)
	return b
}
