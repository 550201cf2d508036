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

// encoder reads them with the defaults of most classes.
func (s section) encoder(act string, eps float64) encoder {
	return s.encoderOf(encoder{768, 12, 12, 3072, act, eps, 0.02}, share{})
}

// A share is the width that the heads have between them, and its key. The zero
// value is hidden_size.
type share struct {
	key   string
	width int
}

// encoderOf reads them with the defaults def.
func (s section) encoderOf(def encoder, heads share) encoder {
	e := encoder{
		hidden:       s.integer("hidden_size", def.hidden, 1, maxHidden),
		layers:       s.integer("num_hidden_layers", def.layers, 0, maxLayers),
		intermediate: s.integer("intermediate_size", def.intermediate, 1, maxIntermediate),
		act:          s.choice("hidden_act", def.act, Activations()),
		eps:          s.number("layer_norm_eps", def.eps, 0, 1),
		initializer:  s.number("initializer_range", def.initializer, 0, 1e6),
	}
	if heads.key == "" {
		heads = share{"hidden_size", e.hidden}
	}
	e.heads = s.heads(def.heads, heads)
	s.noPruning()
	return e
}

func (s section) noPruning() {
	if s.has("pruned_heads") && !s.null("pruned_heads") {
		if o, ok := s.object("pruned_heads"); ok && len(o.raw) > 0 {
			s.wrong("pruned_heads", "{}: pruned heads are not supported")
		}
	}
}

// heads reads the number of heads.
func (s section) heads(def int, of share) int {
	before := len(*s.errs)
	heads := s.integer("num_attention_heads", def, 1, of.width)
	if of.width%heads != 0 && len(*s.errs) == before {
		s.refuse("num_attention_heads", heads, fmt.Sprintf("a divisor of %s, %d", of.key, of.width))
	}
	return heads
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
