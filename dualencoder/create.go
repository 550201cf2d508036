package dualencoder

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/vkdual/vkdual/dualencoder/config"
	"github.com/vkdual/vkdual/dualencoder/imageprocessor"
	"github.com/vkdual/vkdual/dualencoder/tokenizer"
	"github.com/vkdual/vkdual/dualencoder/weights"
	"github.com/vkdual/vkdual/serialize/checkpoint"
	"github.com/vkdual/vkdual/serialize/safetensors"
)

// A Half is what one tower of a new model is made of.
type Half struct {
	Files  fs.FS  // the folder of a checkpoint; nil: all of the tower is drawn
	Config []byte // the text of a config.json in place of the folder's; nil: the folder's
	Name   string // for messages
}

// CreateOptions say what a new model is like. The zero value is transformers' way.
type CreateOptions struct {
	SaveOptions
	ProjectionDim int      // 0: 512
	LogitScale    *float64 // the logarithm of the temperature's inverse; nil: 2.6592
	Seed          uint64   // of what is drawn
}

// Create makes one model of two towers and writes it into the folder to, as
// from_vision_text_pretrained of transformers 4.37.2 makes it: the towers'
// weights with or without their head's prefix, heads left out; of a whole CLIP
// its vision tower; projections, logit scale, and a pooler that a checkpoint
// lacks, new. The tokenizer's files come of the text half, the image
// processor's of the vision half. What is drawn and what is left out goes to the log by name. The
// numbers drawn depend on the seed and the parameter's name only.
func Create(ctx context.Context, vision, text Half, to string, opt CreateOptions) (err error) {
	v, err := vision.config()
	if err != nil {
		return err
	}
	t, err := text.config()
	if err != nil {
		return err
	}
	cfg, err := config.Pair(v, t, opt.ProjectionDim, opt.LogitScale)
	if err != nil {
		return err
	}
	towers := pairSource{}
	defer func() { err = errors.Join(err, towers.close()) }()
	if towers.vision, err = vision.open("vision_model.", cfg.Vision.ModelType()); err != nil {
		return err
	}
	if towers.text, err = text.open("text_model.", cfg.Text.ModelType()); err != nil {
		return err
	}
	draw := func(name string, shape []int) (weights.Stored, bool) {
		return start(cfg, name, shape).Draw(opt.Seed, name, shape), true
	}
	all, err := parameters(cfg, towers, weights.Options{Strict: opt.Strict, Log: opt.Log, DrawIdle: draw, Draw: func(name string, shape []int) (_ weights.Stored, ok bool) {
		tower := towers.of(name)
		if tower != nil && tower.weights != nil && !isPooler(name) {
			return weights.Stored{}, false
		}
		return draw(name, shape)
	}})
	if err != nil {
		return err
	}
	if opt.DType == "" {
		opt.DType = safetensors.F32 // as from_vision_text_pretrained loads every checkpoint
	}
	return save(ctx, to, opt.SaveOptions, func(s saving) error {
		if err := s.model(cfg, all, towers.tensor); err != nil {
			return err
		}
		return errors.Join(s.tokenizer(text, cfg), s.images(vision))
	})
}

func (h Half) config() (config.Source, error) {
	if h.Config != nil {
		return config.Source{Text: h.Config, Name: h.Name}, nil
	}
	text, err := config.Read(h.Files, h.Name)
	return config.Source{Text: text, Name: h.Name + "/" + config.FileName}, err
}

// open opens the weights, whose names begin with module in the new model.
func (h Half) open(module, modelType string) (*towerSource, error) {
	s := &towerSource{module: module, name: h.Name}
	if h.Files == nil {
		return s, nil
	}
	var err error
	if s.weights, err = checkpoint.OpenFS(h.Files, h.Name); err != nil {
		return nil, err
	}
	prefix := headPrefix(modelType) + "."
	if slices.ContainsFunc(s.weights.Names(), func(n string) bool { return strings.HasPrefix(n, prefix) }) {
		s.prefix = prefix
	}
	return s, nil
}

// A towerSource is a tower's checkpoint under the names of the new model.
type towerSource struct {
	module, name string
	weights      *checkpoint.Weights // nil: there is none
	prefix       string              // of the tower within a model with a head; "": it is alone
}

// names are those of the tower, and of other tensors with the checkpoint's own.
func (s *towerSource) names() (names []string) {
	if s.weights == nil {
		return nil
	}
	for _, n := range s.weights.Names() {
		if rest, ok := strings.CutPrefix(n, s.prefix); ok {
			names = append(names, s.module+rest)
		} else {
			names = append(names, s.name+": "+n)
		}
	}
	return names
}

// A pairSource is two towers' checkpoints as that of a pair.
type pairSource struct{ vision, text *towerSource }

// of is the tower that a parameter belongs to; nil: none.
func (p pairSource) of(parameter string) *towerSource {
	for _, s := range []*towerSource{p.vision, p.text} {
		if strings.HasPrefix(parameter, s.module) {
			return s
		}
	}
	return nil
}

func (p pairSource) Names() []string { return append(p.vision.names(), p.text.names()...) }

func (p pairSource) Lookup(name string) (weights.Stored, bool, error) {
	s := p.of(name)
	if s == nil || s.weights == nil {
		return weights.Stored{}, false, nil
	}
	return stored{s.weights}.Lookup(s.prefix + strings.TrimPrefix(name, s.module))
}

func (p pairSource) tensor(name string) (safetensors.Tensor, bool, error) {
	s := p.of(name)
	if s == nil || s.weights == nil {
		return safetensors.Tensor{}, false, nil
	}
	return s.weights.Lookup(s.prefix + strings.TrimPrefix(name, s.module))
}

func (p pairSource) close() error {
	var errs []error
	for _, s := range []*towerSource{p.vision, p.text} {
		if s != nil && s.weights != nil {
			errs = append(errs, s.weights.Close())
		}
	}
	return errors.Join(errs...)
}

// headPrefix is what stands before a tower's names where the checkpoint is of a
// model with a head: its class's base_model_prefix.
func headPrefix(modelType string) string {
	switch modelType {
	case "big_bird", "megatron-bert":
		return "bert"
	case "camembert", "xlm-roberta", "xlm-roberta-xl", "xmod":
		return "roberta"
	case "clip_vision_model":
		return "clip"
	case "data2vec-text", "roberta-prelayernorm":
		return strings.ReplaceAll(modelType, "-", "_")
	case "donut-swin":
		return "swin"
	case "siglip_vision_model":
		return "siglip"
	case "squeezebert":
		return "transformer"
	case "yolos":
		return "vit"
	}
	return modelType
}

// tokenizer brings the files of the text half along. A folder of one tower may
// leave it to the tower's model_type which class its tokenizer is of; that of
// two towers has to say it.
func (s saving) tokenizer(from Half, cfg *config.Config) error {
	if from.Files == nil {
		return nil
	}
	copied, err := s.copy(from.Files, tokenizer.Files())
	if err != nil {
		return err
	}
	if copied == 0 {
		s.note("%s has no tokenizer: the new model has none", from.Name)
		return nil
	}
	fields, err := readObject(from.Files, tokenizer.ConfigName)
	if err != nil {
		return err
	}
	if fields["tokenizer_class"] != nil {
		return nil
	}
	class, err := tokenizer.ClassOf(from.Files, cfg.Text.ModelType())
	if err != nil {
		return err
	}
	fields["tokenizer_class"] = class
	return s.object(tokenizer.ConfigName, fields)
}

// images does the same for the vision half.
func (s saving) images(from Half) error {
	if from.Files == nil {
		return nil
	}
	copied, err := s.copy(from.Files, []string{imageprocessor.ConfigName})
	if err != nil {
		return err
	}
	if copied == 0 {
		s.note("%s has no %s: the new model has no image processor", from.Name, imageprocessor.ConfigName)
		return nil
	}
	fields, err := readObject(from.Files, imageprocessor.ConfigName)
	if err != nil {
		return err
	}
	if fields["image_processor_type"] != nil || fields["feature_extractor_type"] != nil {
		return nil
	}
	p, err := imageprocessor.OpenFS(from.Files)
	if err != nil {
		return fmt.Errorf("dualencoder: %s: image processor: %w", from.Name, err)
	}
	fields["image_processor_type"] = p.Class()
	return s.object(imageprocessor.ConfigName, fields)
}
