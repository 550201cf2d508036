package main

import (
	"context"
	"errors"
	"strings"

	"github.com/vkdual/vkdual/dualencoder"
	"github.com/vkdual/vkdual/serialize/atomicfile"
	"github.com/vkdual/vkdual/serialize/checkpoint"
	"github.com/vkdual/vkdual/serialize/safetensors"
)

// saveFlags say how a model is written.
type saveFlags struct {
	MaxShardSize string `default:"5GB" placeholder:"S" help:"Split the weights into files of at most this size: 200MB, 5GB, 2GiB (${default})."`
	Overwrite    bool   `help:"OUT may hold files: those of the same names are replaced."`
	Out          string `arg:"" name:"OUT" help:"The folder to make."`
	verboseFlag
}

func (f saveFlags) options(c *console) (o dualencoder.SaveOptions, err error) {
	if o.MaxShard, err = checkpoint.ParseSize(f.MaxShardSize); err != nil {
		return o, usagef("--max-shard-size %s: want a whole number with KB, MB, GB, KiB, MiB or GiB", f.MaxShardSize)
	}
	o.Overwrite, o.Log = f.Overwrite, c.log(f.Verbose)
	return o, nil
}

// saved words the error of a folder that is occupied.
func (f saveFlags) saved(err error) error {
	var occupied *atomicfile.OccupiedError
	if errors.As(err, &occupied) && !occupied.File {
		return usagef("%s: the folder is not empty: give another, or --overwrite", f.Out)
	}
	return err
}

type convertCmd struct {
	folderFlag
	DType  string `name:"dtype" enum:"f32,f16,bf16,stored" default:"stored" help:"The type of the weights: ${enum}. Default: as they are stored."`
	Strict bool   `help:"A weight that nothing uses is an error."`
	saveFlags
}

func (convertCmd) Help() string {
	return "Writes what transformers' save_pretrained would: the weights under the names of the model's class as safetensors, config.json, " +
		"and the files of tokenizer and image processor. transformers loads it without a warning. No device is needed.\n\n" + examples(
		"vkdual convert --model DIR OUT", "pytorch_model.bin, or any other form, to model.safetensors",
		"vkdual convert --model DIR --dtype f16 --max-shard-size 200MB OUT", "in half the size, in files of 200 MB",
	)
}

func (v convertCmd) Run(ctx context.Context, c *console) error {
	o, err := v.options(c)
	if err != nil {
		return err
	}
	if v.DType != "stored" {
		o.DType = safetensors.DType(strings.ToUpper(v.DType))
	}
	o.Strict = v.Strict
	files, name, err := v.folder(c)
	if err != nil {
		return err
	}
	return v.saved(dualencoder.Convert(ctx, files, name, v.Out, o))
}
