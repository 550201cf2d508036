package dualencoder

import (
	"github.com/vkdual/vkdual/dualencoder/weights"
	"github.com/vkdual/vkdual/serialize/checkpoint"
	"github.com/vkdual/vkdual/serialize/safetensors"
)

// stored reads a checkpoint's tensors where they lie in the mapped files.
type stored struct{ *checkpoint.Weights }

func (s stored) Lookup(name string) (weights.Stored, bool, error) {
	t, ok, err := s.Weights.Lookup(name)
	if !ok || err != nil {
		return weights.Stored{}, false, err
	}
	return weights.Stored{Shape: t.Shape, Read: func(first int, dst []float32) error {
		return safetensors.Float32s(dst, t, first)
	}}, true, nil
}

// nothing is the source of a new model.
type nothing struct{}

func (nothing) Names() []string                                    { return nil }
func (nothing) Lookup(string) (_ weights.Stored, ok bool, _ error) { return }
