package dualencoder

import (
	"math"
	"strings"

	"github.com/vkdual/vkdual/dualencoder/config"
	"github.com/vkdual/vkdual/dualencoder/tower"
	"github.com/vkdual/vkdual/dualencoder/weights"
)

// start is how transformers draws a parameter of a new model.
func start(cfg *config.Config, name string, shape []int) weights.Start {
	module := classes[cfg.Class].visionModule
	if module != "" {
		module += "."
	}
	text, ofText := strings.CutPrefix(name, "text_model.")
	vision, ofVision := strings.CutPrefix(name, module)
	switch {
	case name == logitScale:
		return weights.Start{Value: cfg.LogitScaleInit}
	case name == logitBias:
		return weights.Start{}
	case ofText:
		return tower.StartText(cfg.Text, cfg.PaddingRow(), text, shape)
	case strings.HasSuffix(name, "_projection.weight"): // as PyTorch draws a linear layer that nobody else does (He et al., 2015)
		return weights.Start{Bound: 1 / math.Sqrt(float64(shape[1]))}
	case ofVision:
		return tower.StartVision(cfg.Vision, vision, shape)
	}
	panic("dualencoder: no part of the model: " + name)
}
