package config

import "fmt"

// Text is the part of a Config that describes the text tower.
type Text interface {
	ModelType() string
	HiddenDim() int
	Deviation() float64 // of new parameters
}

// The values of position_embedding_type.
const (
	Absolute         = "absolute"
	RelativeKey      = "relative_key"
	RelativeKeyQuery = "relative_key_query"
)

// BERT describes a BERT (Devlin et al., 2018), or one of the classes that have
// its keys and no others: MegatronBERT and, of the RoBERTa family (Liu et al.,
// 2019), roberta, xlm-roberta, camembert, data2vec-text, ibert,
// roberta-prelayernorm and xlm-roberta-xl.
type BERT struct {
	Type              string
	VocabSize         int
	HiddenSize        int
	NumLayers         int
	NumHeads          int
	IntermediateSize  int
	HiddenAct         string
	LayerNormEps      float64
	MaxPositions      int    // rows of the position table
	PositionEmbedding string // Absolute, RelativeKey or RelativeKeyQuery
	TypeVocabSize     int
	PadTokenID        int // RoBERTa's positions count from it; 0 for BERT, which has no use for it
	InitializerRange  float64
}

func (b *BERT) ModelType() string  { return b.Type }
func (b *BERT) Deviation() float64 { return b.InitializerRange }
func (b *BERT) HiddenDim() int     { return b.HiddenSize }

// bertClass is what the classes of BERT's keys differ in.
type bertClass struct {
	encoder
	vocab, positions, types int  // defaults
	pad                     int  // default of pad_token_id
	afterPad                bool // positions start after pad_token_id, as RoBERTa's do
	absolute                bool // position_embedding_type is not a key, or may have no other value
	heads                   share
}

// plainBERT is BERT itself.
func plainBERT() bertClass {
	return bertClass{encoder: encoder{768, 12, 12, 3072, "gelu", 1e-12, 0.02}, vocab: 30522, positions: 512, types: 2}
}

// afterPad is the RoBERTa family.
func afterPad() bertClass {
	c := plainBERT()
	c.pad, c.afterPad = 1, true
	return c
}

func newBERT(s section, modelType string) Text {
	class := plainBERT()
	if modelType == "megatron-bert" {
		class = bertClass{encoder: encoder{1024, 24, 16, 4096, "gelu", 1e-12, 0.02}, vocab: 29056, positions: 512, types: 2}
	}
	b := s.bert(modelType, class)
	return &b
}

func newRoBERTa(s section, modelType string) Text {
	class := afterPad()
	switch modelType {
	case "roberta", "roberta-prelayernorm":
		class.vocab = 50265
	case "xlm-roberta-xl":
		class.encoder = encoder{2560, 36, 32, 10240, "gelu", 1e-5, 0.02}
		class.vocab, class.positions, class.types = 250880, 514, 1
	}
	b := s.bert(modelType, class)
	return &b
}

// newIBERT reads an I-BERT (Kim et al., 2021) that is not quantised: a RoBERTa.
func newIBERT(s section, modelType string) Text {
	s.only("quant_mode", false)
	s.only("hidden_act", "gelu") // nor does transformers take another
	class := afterPad()
	class.absolute = true
	b := s.bert(modelType, class)
	s.only("position_embedding_type", Absolute)
	return &b
}

// bert reads the keys that all classes of the family share.
func (s section) bert(modelType string, class bertClass) BERT {
	e := s.encoderOf(class.encoder, class.heads)
	b := BERT{
		Type:              modelType,
		HiddenSize:        e.hidden,
		NumLayers:         e.layers,
		NumHeads:          e.heads,
		IntermediateSize:  e.intermediate,
		HiddenAct:         e.act,
		LayerNormEps:      e.eps,
		InitializerRange:  e.initializer,
		VocabSize:         s.integer("vocab_size", class.vocab, 1, maxVocab),
		MaxPositions:      s.integer("max_position_embeddings", class.positions, 1, maxTokens),
		PositionEmbedding: Absolute,
	}
	if class.types > 0 {
		b.TypeVocabSize = s.integer("type_vocab_size", class.types, 1, maxTokens)
	}
	if !class.absolute {
		b.PositionEmbedding = s.choice("position_embedding_type", Absolute, []string{Absolute, RelativeKey, RelativeKeyQuery})
	}
	switch {
	case class.afterPad:
		b.PadTokenID = s.integer("pad_token_id", class.pad, 0, b.VocabSize-1)
	case !s.null("pad_token_id"): // the forward does not use it; a negative one counts from the end
		s.integer("pad_token_id", class.pad, -b.VocabSize, b.VocabSize-1)
	}
	if class.afterPad && b.PadTokenID+1 >= b.MaxPositions {
		s.refuse("max_position_embeddings", b.MaxPositions, fmt.Sprintf("more than pad_token_id + 1 = %d, where positions start", b.PadTokenID+1))
	}
	s.only("is_decoder", false)
	s.only("add_cross_attention", false)
	return b
}
