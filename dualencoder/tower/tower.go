package tower

import (
	"fmt"

	"github.com/vkdual/vkdual/dualencoder/config"
	"github.com/vkdual/vkdual/dualencoder/weights"
	"github.com/vkdual/vkdual/runtime"
)

// A Vision tower turns pictures into vectors.
type Vision interface {
	// Forward records pixels [B,C,H,W] → the tower's output.
	Forward(r *runtime.Recorder, pixels runtime.Tensor, want Want) Output
	// Takes tells which pictures the tower takes instead of those of that size;
	// "" where it takes them.
	Takes(channels, height, width int) (instead string)
	// Size is that of the config's pictures.
	Size() (channels, height, width int)
}

// A Text tower turns token ids into vectors.
type Text interface {
	Forward(r *runtime.Recorder, in TextInput, want Want) Output
	// Limits are what its tables hold.
	Limits() TextLimits
	// Positions gives each token of a sequence its default position.
	Positions(dst, ids []uint32)
}

// TextInput is a batch of B sequences of T tokens. IDs, Types and Positions are
// U32 [B,T]. Mask is F32 [B,T], added to the scores of each key: see MaskValue.
type TextInput struct{ IDs, Types, Positions, Mask runtime.Tensor }

// TextLimits are the sizes of a text tower's tables.
type TextLimits struct {
	Vocab     int // ids are below it
	Types     int // so are token types, 0: tokens have none,
	Positions int // and positions
	Length    int // tokens of the longest sequence with default positions
	Tokens    int // and with any; 0: as many as one likes
}

// Want says which outputs beside the last are kept.
type Want struct{ HiddenStates, Attentions bool }

// Output is what a tower gives. Of a tower of L layers and H heads, on B
// sequences of T tokens of D numbers:
type Output struct {
	Last         runtime.Tensor   // [B,T,D]
	Pooled       runtime.Tensor   // [B,D]; absent of Chinese-CLIP's text tower
	HiddenStates []runtime.Tensor // L+1 of [B,T,D], when wanted
	Attentions   []runtime.Tensor // L of [B,H,T,T], when wanted
}

// The values of a mask. They are added to scores, which are many orders of
// magnitude smaller and vanish beside them, so that a sequence with no key at
// all attends to all of its tokens alike, as it does in transformers, but never
// to those that only fill up a batch.
const (
	Attend  float32 = 0
	Ignore  float32 = -1e30 // the attention mask is 0
	Padding float32 = -1e38 // not a token of the sequence
)

// The towers by model_type; those that only a relative of the class has are
// below the others.
var (
	visions = map[string]func(weights.Scope, config.Vision) Vision{
		"vit":               vision(newViT),
		"deit":              vision(newDeiT),
		"beit":              vision(newBEiT),
		"clip_vision_model": vision(newCLIP),
		"dinov2":            vision(newDINOv2),
		"dpt":               vision(newDPT),
		"yolos":             vision(newYOLOS),
		"donut-swin":        vision(newDonutSwin),
		"swin":              vision(newSwin),
		"swinv2":            vision(newSwinV2),

		"siglip_vision_model":       vision(newSigLIP),
		"altclip_vision_model":      vision(newCLIP),
		"chinese_clip_vision_model": vision(newCLIP),
	}
	texts = map[string]func(weights.Scope, config.Text) Text{
		"albert":               text(newALBERT),
		"bert":                 text(newBERT),
		"big_bird":             text(newBigBird),
		"camembert":            text(newRoBERTa),
		"data2vec-text":        text(newRoBERTa),
		"ernie":                text(newERNIE),
		"ibert":                text(newIBERT),
		"layoutlm":             text(newLayoutLM),
		"megatron-bert":        text(newMegatronBERT),
		"mobilebert":           text(newMobileBERT),
		"mpnet":                text(newMPNet),
		"rembert":              text(newRemBERT),
		"roberta":              text(newRoBERTa),
		"roberta-prelayernorm": text(newRoBERTaPreLayerNorm),
		"squeezebert":          text(newSqueezeBERT),
		"xlm-roberta":          text(newRoBERTa),
		"xlm-roberta-xl":       text(newXLMRoBERTaXL),
		"xmod":                 text(newXMOD),

		"altclip_text_model":      text(newAltCLIPText),
		"chinese_clip_text_model": text(newChineseCLIPText),
		"clip_text_model":         text(newCLIPText),
		"siglip_text_model":       text(newSigLIPText),
	}
)

// NewVision builds the tower that c describes from the weights of w.
func NewVision(w weights.Scope, c config.Vision) (Vision, error) {
	build, ok := visions[c.ModelType()]
	if !ok {
		return nil, fmt.Errorf("tower: no vision tower %q", c.ModelType())
	}
	w.Order("embeddings", "encoder", "layernorm", "pooler")
	return build(w, c), nil
}

// NewText builds the tower that c describes from the weights of w.
func NewText(w weights.Scope, c config.Text) (Text, error) {
	build, ok := texts[c.ModelType()]
	if !ok {
		return nil, fmt.Errorf("tower: no text tower %q", c.ModelType())
	}
	w.Order("embeddings", "encoder", "LayerNorm", "pooler")
	return build(w, c), nil
}

// vision and text let a constructor name the config that it takes.
func vision[C config.Vision, T Vision](build func(weights.Scope, C) T) func(weights.Scope, config.Vision) Vision {
	return func(w weights.Scope, c config.Vision) Vision { return build(w, c.(C)) }
}

func text[C config.Text, T Text](build func(weights.Scope, C) T) func(weights.Scope, config.Text) Text {
	return func(w weights.Scope, c config.Text) Text { return build(w, c.(C)) }
}
