package dualencoder

import "github.com/vkdual/vkdual/dualencoder/config"

// A class is what the classes of dual encoder differ in, beside their towers.
// Each is stated in a file of its own.
type class struct {
	// visionModule holds the vision tower; "": the tower's parameters lie
	// where the whole model's do. The text tower is at text_model in any case.
	visionModule string

	// projections are visual_projection and text_projection. Without them the
	// towers' pooled outputs are the features.
	projections bool

	// logitBias is a parameter, added to each logit.
	logitBias bool

	// filled texts are always of the longest length, padding included, since
	// the tower was trained on such.
	filled bool

	// noLoss says why forward has no loss; "": it has the contrastive one.
	noLoss string

	// probabilities of logits, in place.
	probabilities func(logits []float64)
}

// The classes by model_type.
var classes = map[string]class{
	config.ModelType: pair(),
	"clip":           clip(),
	"chinese_clip":   clip(), // its text tower differs
	"altclip":        clip(), // so does this one's
	"siglip":         siglip(),
}
