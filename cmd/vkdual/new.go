package main

import (
	"context"
	"fmt"
	"os"

	"github.com/vkdual/vkdual/dualencoder"
)

type newCmd struct {
	Vision        string   `placeholder:"DIR" help:"The folder (or the name of a pulled model) of the vision tower: a tower alone, a model with a head on it, or a whole CLIP."`
	Text          string   `placeholder:"DIR" help:"The same of the text tower, with or without a head."`
	VisionConfig  string   `placeholder:"FILE" help:"A config.json for the vision tower: without --vision, all of it is drawn at random."`
	TextConfig    string   `placeholder:"FILE" help:"The same for the text tower."`
	ProjectionDim *int     `placeholder:"N" help:"The length of embeddings. Default: 512."`
	LogitScale    *float64 `placeholder:"X" help:"The logarithm of what cosines are multiplied by. Default: 2.6592."`
	Seed          uint64   `placeholder:"N" help:"Of the numbers that are drawn: the same seed gives the same model. Default: 0."`
	Strict        bool     `help:"A weight that nothing uses, such as a head's, is an error."`
	saveFlags
}

func (newCmd) Help() string {
	return "Makes a model as transformers' VisionTextDualEncoderModel.from_vision_text_pretrained does, in f32, and brings the text tower's tokenizer and the vision " +
		"tower's image processor along. Projections and logit scale are new, and so is a pooler that a checkpoint lacks: the model is to be trained " +
		"before its embeddings mean anything. What is drawn and what is left out is named on standard error. No device is needed.\n\n" + examples(
		"vkdual new --vision vit-base-patch16-224 --text bert-base-uncased OUT", "ViT and BERT",
		"vkdual new --vision clip-vit-base-patch32 --text roberta-base --projection-dim 256 OUT", "the vision tower of CLIP",
		"vkdual new --vision-config vit.json --text-config bert.json --seed 7 OUT", "a model that knows nothing",
	)
}

func (n newCmd) Run(ctx context.Context, c *console) error {
	o, err := n.options(c)
	if err != nil {
		return err
	}
	dim := 0 // the class's default
	if n.ProjectionDim != nil {
		if dim = *n.ProjectionDim; dim < 1 {
			return usagef("--projection-dim %d: want 1 or more", dim)
		}
	}
	o.Strict = n.Strict
	vision, err := half("vision", n.Vision, n.VisionConfig)
	if err != nil {
		return err
	}
	text, err := half("text", n.Text, n.TextConfig)
	if err != nil {
		return err
	}
	return n.saved(dualencoder.Create(ctx, vision, text, n.Out, dualencoder.CreateOptions{
		SaveOptions: o, ProjectionDim: dim, LogitScale: n.LogitScale, Seed: n.Seed,
	}))
}

// half is one side's folder and config.
func half(side, dir, file string) (h dualencoder.Half, err error) {
	if dir == "" && file == "" {
		return h, usagef("new: no %s tower: give --%s DIR or --%s-config FILE", side, side, side)
	}
	if file != "" {
		if h.Config, err = os.ReadFile(file); err != nil {
			return h, fmt.Errorf("--%s-config %s: %s", side, file, reason(err))
		}
		h.Name = file
	}
	if dir == "" {
		return h, nil
	}
	h.Files, h.Name, err = folderOf("--"+side, dir, "")
	return h, err
}
