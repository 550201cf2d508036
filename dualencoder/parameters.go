package dualencoder

import (
	"fmt"

	"github.com/vkdual/vkdual/dualencoder/config"
	"github.com/vkdual/vkdual/dualencoder/weights"
)

// parameters are what a model of that config consists of, those that the source lacks drawn as opt says. It needs
// no device.
func parameters(cfg *config.Config, src weights.Source, opt weights.Options) ([]weights.Parameter, error) {
	set := weights.Collect(src, opt)
	m := &Model{cfg: cfg, class: classes[cfg.Class]}
	if err := m.load(set.Root()); err != nil {
		return nil, fmt.Errorf("dualencoder: %w", err)
	}
	if err := set.Finish(); err != nil {
		return nil, fmt.Errorf("dualencoder: %w", err)
	}
	return set.Parameters(), nil
}
