package dualencoder

// Ints is a dense array of whole numbers, row-major.
type Ints struct {
	Shape []int
	Data  []int64
}

// Floats is a dense array of numbers, row-major.
type Floats struct {
	Shape []int
	Data  []float32
}

// Inputs of Forward, named as HuggingFace names them. Nil is absent. Either
// side alone is allowed: InputIDs for texts, PixelValues for pictures.
type Inputs struct {
	InputIDs      *Ints   // [texts, tokens]
	AttentionMask *Ints   // [texts, tokens] of 0 and 1; absent: all 1
	TokenTypeIDs  *Ints   // [texts, tokens]; absent: all 0
	PositionIDs   *Ints   // [texts, tokens] or [1, tokens]; absent: as the tower counts them
	PixelValues   *Floats // [images, channels, height, width]
}

// ForwardOptions say what Forward gives beside embeddings, logits and the
// towers' last and pooled outputs.
type ForwardOptions struct {
	Loss         bool // the contrastive loss; needs as many images as texts
	HiddenStates bool // before each layer, and after the last
	Attentions   bool // the probabilities of each layer
	Features     bool // text_features and image_features: projected, not normalised
}

// An Output of Forward.
type Output struct {
	Name string // text_model_output.hidden_states.0
	Floats
}

// Outputs of Forward in HuggingFace's order: loss, logits_per_image,
// logits_per_text, text_embeds, image_embeds, text_model_output.…,
// vision_model_output.…, and then the features.
type Outputs []Output

// Get is the output of that name, or nil.
func (o Outputs) Get(name string) *Floats {
	for i := range o {
		if o[i].Name == name {
			return &o[i].Floats
		}
	}
	return nil
}
