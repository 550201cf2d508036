package config

import "fmt"

// Text is the part of a Config that describes the text tower.
type Text interface {
	ModelType() string
	HiddenDim() int
	Deviation() float64 // of new parameters
}

// BERT describes a BERT (Devlin et al., 2018) or one of the RoBERTa family (Liu
// et al., 2019): roberta, xlm-roberta, camembert.
type BERT struct {
	Type             string
	VocabSize        int
	HiddenSize       int
	NumLayers        int
	NumHeads         int
	IntermediateSize int
	HiddenAct        string
	LayerNormEps     float64
	MaxPositions     int // rows of the position table
	TypeVocabSize    int
	PadTokenID       int // RoBERTa's positions count from it; 0 for BERT, which has no use for it
	InitializerRange float64
}

func (b *BERT) ModelType() string  { return b.Type }
func (b *BERT) Deviation() float64 { return b.InitializerRange }
func (b *BERT) HiddenDim() int     { return b.HiddenSize }

func newBERT(s section, modelType string) Text {
	roberta := modelType != "bert"
	vocab, pad := 30522, 0
	if modelType == "roberta" {
		vocab = 50265
	}
	if roberta {
		pad = 1
	}
	e := s.encoder("gelu", 1e-12)
	b := &BERT{
		Type:             modelType,
		HiddenSize:       e.hidden,
		NumLayers:        e.layers,
		NumHeads:         e.heads,
		IntermediateSize: e.intermediate,
		HiddenAct:        e.act,
		LayerNormEps:     e.eps,
		InitializerRange: e.initializer,
		VocabSize:        s.integer("vocab_size", vocab, 1, maxVocab),
		MaxPositions:     s.integer("max_position_embeddings", 512, 1, maxTokens),
		TypeVocabSize:    s.integer("type_vocab_size", 2, 1, maxTokens),
	}
	switch {
	case roberta:
		b.PadTokenID = s.integer("pad_token_id", pad, 0, b.VocabSize-1)
	case !s.null("pad_token_id"): // BERT's forward does not use it; a negative one counts from the end
		s.integer("pad_token_id", pad, -b.VocabSize, b.VocabSize-1)
	}
	if roberta && b.PadTokenID+1 >= b.MaxPositions {
		s.refuse("max_position_embeddings", b.MaxPositions, fmt.Sprintf("more than pad_token_id + 1 = %d, where positions start", b.PadTokenID+1))
	}
	s.only("position_embedding_type", "absolute")
	s.only("is_decoder", false)
	s.only("add_cross_attention", false)
	return b
}
