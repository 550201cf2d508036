package tower

import (
	"math"
	"slices"
	"strings"

	"github.com/vkdual/vkdual/dualencoder/config"
	"github.com/vkdual/vkdual/dualencoder/weights"
)

// StartVision is how transformers 4.37.2 draws a parameter of a new vision
// tower; its name is that within the tower. Where transformers truncates a normal distribution it does so at ±2, a hundred
// deviations from 0: that is left out.
func StartVision(c config.Vision, name string, shape []int) weights.Start {
	switch c := c.(type) {
	case *config.ViT:
		if strings.HasPrefix(c.Type, "siglip") {
			return startSigLIP(c, name, shape)
		}
		if strings.HasPrefix(name, "vision_model.") {
			return startCLIP(c, name, shape)
		}
		if c.Type != "vit" && single(name) { // a DeiT's or a DPT's own tokens and positions
			return weights.Start{}
		}
	case *config.DINOv2:
		switch last(name) {
		case "lambda1":
			return weights.Start{Value: c.LayerScale}
		case "mask_token":
			return weights.Start{}
		}
	case *config.BEiT:
		if l := last(name); l == "lambda_1" || l == "lambda_2" {
			return weights.Start{Value: c.LayerScale}
		}
		if single(name) {
			return weights.Start{}
		}
	default:
		if last(name) == "logit_scale" { // of Swin v2
			return weights.Start{Value: math.Log(10)}
		}
		if single(name) {
			return weights.Start{}
		}
	}
	return start(c.Deviation(), name, shape)
}

// StartText is the same of a text tower. padding is the row of the padding token; less than 0: none.
func StartText(c config.Text, padding int, name string, shape []int) weights.Start {
	s := start(c.Deviation(), name, shape)
	if c.ModelType() == "ibert" && single(name) {
		const least = 1e-5 // of a range that nothing was seen of
		return weights.Start{Value: map[string]float64{"x_min": -least, "x_max": least}[last(name)]}
	}
	if c.ModelType() == "megatron-bert" || padding < 0 {
		return s
	}
	afterPad := []string{"camembert", "data2vec-text", "ibert", "mpnet", "roberta", "roberta-prelayernorm", "xlm-roberta", "xlm-roberta-xl", "xmod"}
	if name == "embeddings.word_embeddings.weight" || name == "embeddings.position_embeddings.weight" && slices.Contains(afterPad, c.ModelType()) {
		s.Zero = padding + 1
	}
	return s
}

// start is how most classes draw: biases 0, norms 1, all else normal.
func start(deviation float64, name string, shape []int) weights.Start {
	switch l := last(name); {
	case strings.HasSuffix(l, "bias"):
		return weights.Start{}
	case len(shape) == 1 && l == "weight":
		return weights.Start{Value: 1}
	}
	return weights.Start{Deviation: deviation}
}

// single reports that a parameter is one of a class itself, not of a linear layer, an embedding or a norm in it.
func single(name string) bool { return last(name) != "weight" && last(name) != "bias" }

func last(name string) string { return name[strings.LastIndexByte(name, '.')+1:] }

// startCLIP draws narrower where a branch ends, the more so the deeper the tower is.
func startCLIP(c *config.ViT, name string, shape []int) weights.Start {
	width := 1 / math.Sqrt(float64(c.HiddenSize))
	deep := width / math.Sqrt(2*float64(c.NumLayers))
	for part, deviation := range map[string]float64{
		"class_embedding": width, ".q_proj.weight": deep, ".k_proj.weight": deep, ".v_proj.weight": deep, ".out_proj.weight": width,
		".fc1.weight": width / math.Sqrt2, ".fc2.weight": deep,
	} {
		if strings.HasSuffix(name, part) {
			return weights.Start{Deviation: deviation * c.InitializerFactor}
		}
	}
	return start(c.InitializerRange*c.InitializerFactor, name, shape)
}

// startSigLIP draws as the JAX code did that it was trained with.
func startSigLIP(c *config.ViT, name string, shape []int) weights.Start {
	switch l := last(name); {
	case strings.HasSuffix(name, "position_embedding.weight"):
		return weights.Start{Deviation: 1 / math.Sqrt(float64(c.HiddenSize))}
	case l == "bias" && strings.Contains(name, ".mlp.fc"):
		return weights.Start{Deviation: 1e-6}
	case strings.HasSuffix(l, "bias"), len(shape) == 1:
		return start(0, name, shape)
	case strings.Contains(name, ".self_attn."), strings.Contains(name, ".mlp.fc"), l == "in_proj_weight":
		return weights.Start{Bound: math.Sqrt(6 / float64(shape[0]+shape[1]))} // Glorot and Bengio, 2010
	case l == "probe":
		return weights.Start{Bound: math.Sqrt(6 / float64(2*c.HiddenSize))}
	}
	in := 1
	for _, n := range shape[1:] {
		in *= n
	}
	return weights.Start{Deviation: 1 / math.Sqrt(float64(in))} // LeCun et al., 1998
}
