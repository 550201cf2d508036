package config

import (
	"encoding/json"
	"fmt"
)

// What a value may be at most. Each is far beyond any published model, and
// keeps the sizes derived from it from overflowing.
const (
	maxHidden       = 1 << 16
	maxIntermediate = 1 << 18
	maxLayers       = 1000
	maxVocab        = 1 << 24
	maxTokens       = 1 << 20
	maxImage        = 1 << 14
	maxChannels     = 64
)

// encoder holds the keys that every Transformer encoder shares.
type encoder struct {
	hidden, layers, heads, intermediate int
	act                                 string
	eps, initializer                    float64
}

func (s section) encoder(act string, eps float64) encoder {
	e := encoder{
		hidden:       s.integer("hidden_size", 768, 1, maxHidden),
		layers:       s.integer("num_hidden_layers", 12, 0, maxLayers),
		intermediate: s.integer("intermediate_size", 3072, 1, maxIntermediate),
		act:          s.choice("hidden_act", act, Activations()),
		eps:          s.number("layer_norm_eps", eps, 0, 1),
		initializer:  s.number("initializer_range", 0.02, 0, 1e6),
	}
	before := len(*s.errs)
	e.heads = s.integer("num_attention_heads", 12, 1, e.hidden)
	if e.hidden%e.heads != 0 && len(*s.errs) == before {
		s.refuse("num_attention_heads", e.heads, fmt.Sprintf("a divisor of hidden_size, %d", e.hidden))
	}
	if s.has("pruned_heads") && !s.null("pruned_heads") {
		if o, ok := s.object("pruned_heads"); ok && len(o.raw) > 0 {
			s.wrong("pruned_heads", "{}: pruned heads are not supported")
		}
	}
	return e
}

// only refuses any value of a switch but the one that is implemented.
func (s section) only(name string, value any) {
	want, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	if s.has(name) && !s.null(name) && string(s.raw[name]) != string(want) {
		s.wrong(name, string(want)+": nothing else is supported")
	}
}
