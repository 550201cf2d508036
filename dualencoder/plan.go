package dualencoder

import "github.com/vkdual/vkdual/runtime"

// Plan records a program of the caller's own that embeds such inputs, and
// writes them to its memory: for those who want to run one shape many times, or
// to see what a run costs (runtime.Program's Stats, Profile and String). Its
// outputs are text_embeds and image_embeds, and the logits where there are both.
// The caller closes it, before the model.
func (m *Model) Plan(in Inputs) (*runtime.Program, error) {
	s, err := m.check(in, ForwardOptions{})
	if err != nil {
		return nil, err
	}
	s.full = false
	p, err := m.record(s)
	if err != nil {
		return nil, err
	}
	m.fill(p, in)
	return p, nil
}
