package config

import (
	"maps"
	"slices"
	"strings"
)

// The classes that are read here, by model_type. A tower is added by one line
// here, one in package tower, and a file in each.
var (
	visions = map[string]func(section, string) Vision{
		"vit":               newViT,
		"deit":              newViT,
		"beit":              newBEiT,
		"clip_vision_model": newCLIPVision,
		"clip":              newCLIP,
		"dinov2":            newDINOv2,
		"dpt":               newDPT,
		"yolos":             newYOLOS,
		"donut-swin":        newSwin,
		"swin":              newSwin,
		"swinv2":            newSwinV2,

		"siglip_vision_model": newSigLIP,
	}
	texts = map[string]func(section, string) Text{
		"albert":               newALBERT,
		"bert":                 newBERT,
		"big_bird":             newBigBird,
		"camembert":            newRoBERTa,
		"data2vec-text":        newRoBERTa,
		"ernie":                newERNIE,
		"ibert":                newIBERT,
		"layoutlm":             newLayoutLM,
		"megatron-bert":        newBERT,
		"mobilebert":           newMobileBERT,
		"mpnet":                newMPNet,
		"rembert":              newRemBERT,
		"roberta":              newRoBERTa,
		"roberta-prelayernorm": newRoBERTa,
		"squeezebert":          newSqueezeBERT,
		"xlm-roberta":          newRoBERTa,
		"xlm-roberta-xl":       newRoBERTa,
		"xmod":                 newXMOD,
	}
)

// VisionTypes are the supported values of vision_config.model_type, sorted.
func VisionTypes() []string { return slices.Sorted(maps.Keys(visions)) }

// TextTypes are the supported values of text_config.model_type, sorted.
func TextTypes() []string { return slices.Sorted(maps.Keys(texts)) }

// Why VisionTextDualEncoder cannot run a tower, in transformers 4.37.2: the
// class hands every tower the same arguments and takes the second output.
const (
	noPooled     = "VisionTextDualEncoder cannot run it: its second output is not a pooled vector"
	noAttentions = "VisionTextDualEncoder cannot run it: its forward takes no output_attentions"
	noPositions  = "VisionTextDualEncoder cannot run it: its forward takes no position_ids"
	noTypes      = "VisionTextDualEncoder cannot run it: its forward takes no token_type_ids"
	noMask       = "VisionTextDualEncoder cannot run it: its forward takes no attention_mask"
	notYet       = "VisionTextDualEncoder can run it, this project does not yet"
)

// A Tower is a model_type, and what becomes of it.
type Tower struct {
	ModelType string
	Refused   string // why; "": it works
}

// Towers are the types that are known of a side, vision_config or text_config:
// those that work, sorted, and then those that are refused with their reason,
// sorted too. Others are refused without one.
func Towers(side string) []Tower {
	supported, refused := TextTypes(), textReasons
	if side == "vision_config" {
		supported, refused = VisionTypes(), visionReasons
	}
	var all []Tower
	for _, t := range supported {
		all = append(all, Tower{ModelType: t})
	}
	for why, types := range refused {
		for _, t := range types {
			all = append(all, Tower{t, why})
		}
	}
	slices.SortStableFunc(all[len(supported):], func(a, b Tower) int { return strings.Compare(a.ModelType, b.ModelType) })
	return all
}

func reason(side, modelType string) string {
	all := textReasons
	if side == "vision_config" {
		all = visionReasons
	}
	for why, types := range all {
		if slices.Contains(types, modelType) {
			return why
		}
	}
	return ""
}

var visionReasons = map[string][]string{
	noPooled: {"data2vec-vision", "efficientformer", "glpn", "layoutlmv3", "pvt", "segformer", "swin2sr", "timesformer", "videomae", "vit_mae",
		"vit_msn", "vitdet"},
	noAttentions: {"bit", "convnext", "convnextv2", "cvt", "efficientnet", "focalnet", "levit", "mobilenet_v1", "mobilenet_v2", "mobilevit",
		"mobilevitv2", "poolformer", "regnet", "resnet", "swiftformer", "van"},
	notYet: {"vit-hybrid", "vit_hybrid"},
}

var textReasons = map[string][]string{
	noPooled: {"codegen", "convbert", "ctrl", "deberta", "deberta-v2", "electra", "flaubert", "gpt2", "gpt_bigcode", "gpt_neo", "gptj",
		"nystromformer", "openai-gpt", "splinter", "xlm", "xlnet", "yoso"},
	noPositions: {"dpr", "funnel", "gptsan-japanese", "lxmert", "mega", "nezha", "roformer"},
	noTypes: {"bart", "bert-generation", "bigbird_pegasus", "biogpt", "blenderbot", "blenderbot-small", "distilbert", "ernie_m", "esm",
		"falcon", "fsmt", "gpt_neox", "gpt_neox_japanese", "led", "llama", "longt5", "m2m_100", "marian", "mbart", "mistral", "mixtral",
		"mpt", "mt5", "mvp", "nllb-moe", "open-llama", "opt", "pegasus", "pegasus_x", "persimmon", "phi", "plbart", "prophetnet", "qwen2",
		"reformer", "rwkv", "switch_transformers", "t5", "umt5", "xglm", "xlm-prophetnet"},
	noAttentions: {"mra"},
	noMask:       {"fnet", "transfo-xl"},
	notYet:       {"canine", "lilt", "longformer", "luke", "markuplm", "roc_bert", "tapas", "visual_bert"},
}
