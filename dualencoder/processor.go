package dualencoder

import (
	"errors"
	"fmt"
	"io/fs"
	"sync"

	"github.com/vkdual/vkdual/dualencoder/imageprocessor"
	"github.com/vkdual/vkdual/dualencoder/tokenizer"
)

// A Processor is the pair of tokenizer and image processor that feeds a model.
// Each half is opened from its own files when it is first asked for, so that
// one works without the other's, and neither needs the model. It is safe for
// concurrent use.
type Processor struct {
	name      string
	tokenizer func() (*tokenizer.Tokenizer, error)
	images    func() (*imageprocessor.Processor, error)
}

// NewProcessor takes the files at the root of fsys; name, the folder, appears
// in errors.
func NewProcessor(fsys fs.FS, name string) *Processor {
	return &Processor{
		name:      name,
		tokenizer: sync.OnceValues(func() (*tokenizer.Tokenizer, error) { return tokenizer.OpenFS(fsys) }),
		images:    sync.OnceValues(func() (*imageprocessor.Processor, error) { return imageprocessor.OpenFS(fsys) }),
	}
}

// Tokenizer is the text half.
func (p *Processor) Tokenizer() (*tokenizer.Tokenizer, error) {
	if p == nil {
		return nil, errNoProcessor
	}
	t, err := p.tokenizer()
	if err != nil {
		return nil, fmt.Errorf("dualencoder: %s: tokenizer: %w", p.name, err)
	}
	return t, nil
}

// Images is the picture half.
func (p *Processor) Images() (*imageprocessor.Processor, error) {
	if p == nil {
		return nil, errNoProcessor
	}
	i, err := p.images()
	if err != nil {
		return nil, fmt.Errorf("dualencoder: %s: image processor: %w", p.name, err)
	}
	return i, nil
}

var errNoProcessor = errors.New("dualencoder: the model was not opened from files: it has no tokenizer and no image processor")
