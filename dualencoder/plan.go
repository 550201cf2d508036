package dualencoder

import "github.com/vkdual/vkdual/runtime"

// Plan records the program that embeds so many pictures, and so many texts of
// length tokens, for those who want to look at it or measure it. The caller
// closes it. Its inputs are zero until they are written.
func (m *Model) Plan(images, texts, length int) (*runtime.Program, error) {
	p, err := m.record(shape{images: images, texts: texts, length: length})
	if err != nil {
		return nil, err
	}
	if images > 0 {
		clear(p.Input(pixelValues))
	}
	if texts > 0 {
		for _, name := range []string{inputIDs, tokenTypeIDs, positionIDs, attentionMask} {
			clear(p.Input(name))
		}
	}
	return p, nil
}
