package config

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// XMOD describes an X-MOD (Pfeiffer et al., "Lifting the Curse of
// Multilinguality by Pre-training Modular Transformers", 2022): a RoBERTa with
// an adapter for each language.
type XMOD struct {
	BERT
	PreNorm          bool // norms before attention and MLP, not after
	AdapterSize      int
	AdapterNorm      bool // an adapter has a norm of its own before it,
	AdapterReuseNorm bool // or else the layer's
	NormedResidual   bool // the residual around it is what was normalised
	Languages        []string
	Language         string // whose adapters are used
}

func newXMOD(s section, modelType string) Text {
	x := &XMOD{
		BERT:             s.bert(modelType, afterPad()),
		PreNorm:          s.boolean("pre_norm", false),
		AdapterNorm:      s.boolean("adapter_layer_norm", false),
		AdapterReuseNorm: s.boolean("adapter_reuse_layer_norm", true),
		NormedResidual:   s.boolean("ln_before_adapter", true),
	}
	x.AdapterSize = x.HiddenSize / s.integer("adapter_reduction_factor", 2, 1, x.HiddenSize)
	languages := []string{"en_XX"}
	if v, ok := s.raw["languages"]; ok {
		languages = nil
		bad := func(name string) bool { return name == "" || strings.Contains(name, ".") }
		if err := json.Unmarshal(v, &languages); err != nil || len(languages) == 0 || slices.ContainsFunc(languages, bad) {
			s.wrong("languages", "a list of names without a dot")
			return x
		}
	}
	// transformers takes none too, and fails when it is run.
	if !s.has("default_language") || s.null("default_language") {
		*s.errs = append(*s.errs, &MissingError{File: s.file, Path: s.key("default_language"), Allowed: fmt.Sprintf("one of languages, %s", strings.Join(languages, ", "))})
		return x
	}
	x.Languages = languages
	x.Language = s.choice("default_language", "", languages)
	return x
}
