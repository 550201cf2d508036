package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/vkdual/vkdual/dualencoder"
	"github.com/vkdual/vkdual/dualencoder/imageprocessor"
	"github.com/vkdual/vkdual/dualencoder/imageprocessor/pillow"
	"github.com/vkdual/vkdual/dualencoder/tokenizer"
	"github.com/vkdual/vkdual/serialize/safetensors"
)

type processCmd struct {
	folderFlag
	Image []string `sep:"none" placeholder:"FILE|DIR|GLOB" help:"Pictures."`
	Text  []string `sep:"none" placeholder:"STR" help:"Texts."`
	Out   []string `arg:"" name:"OUT.safetensors" help:"Where the tensors go. What stands before it are more pictures."`
	decodeFlags
	verboseFlag
}

func (processCmd) Help() string {
	return "Writes pixel_values (f32) and the token fields (i64), texts filled up to the longest. " +
		"Only the files of the halves that are given are needed, and no device. One input that fails, and nothing is written.\n\n" + examples(
		`vkdual process --model DIR --image cat.jpg --text "a cat" --text "a dog" in.safetensors`, "what \"vkdual forward\" takes",
		"vkdual process --model DIR --image *.png pixels.safetensors", "many pictures",
	)
}

func (p processCmd) Run(ctx context.Context, c *console) error {
	last := len(p.Out) - 1
	names, out := append(p.Image, p.Out[:last]...), p.Out[last]
	if len(names) == 0 && len(p.Text) == 0 {
		return usagef("process: neither pictures nor texts: give --image or --text, and OUT.safetensors last")
	}
	decode, err := p.decodeFlags.options()
	if err != nil {
		return err
	}
	proc, err := p.processor(c)
	if err != nil {
		return err
	}
	file, err := c.create(out)
	if err != nil {
		return err
	}
	defer file.discard()
	var tensors []safetensors.Tensor
	if len(p.Text) > 0 {
		c.noteInvalid(p.Text)
		if tensors, err = textTensors(proc, p.Text); err != nil {
			return err
		}
	}
	if len(names) > 0 {
		t, err := c.pixelTensor(ctx, proc, names, decode)
		if err != nil {
			return err
		}
		tensors = append(tensors, t)
	}
	if c.failed > 0 {
		return fmt.Errorf("nothing written to %s", out)
	}
	if err := safetensors.Write(file, tensors, nil); err != nil {
		return err
	}
	return file.commit()
}

// textTensors are the token fields [texts, longest].
func textTensors(proc *dualencoder.Processor, texts []string) ([]safetensors.Tensor, error) {
	tok, err := proc.Tokenizer()
	if err != nil {
		return nil, err
	}
	b, err := tok.Encode(texts, tokenizer.Options{Padding: tokenizer.PadLongest})
	if err != nil {
		return nil, err
	}
	var out []safetensors.Tensor
	for _, name := range b.Names {
		rows := b.Field(name)
		out = append(out, safetensors.FromInt64s(name, slices.Concat(rows...), len(rows), len(rows[0])))
	}
	return out, nil
}

// pixelTensor is pixel_values [pictures, channels, height, width]. Every
// picture that fails is reported.
func (c *console) pixelTensor(ctx context.Context, proc *dualencoder.Processor, names []string, decode pillow.DecodeOptions) (t safetensors.Tensor, err error) {
	images, err := proc.Images()
	if err != nil {
		return t, err
	}
	c.progress(-1, "processing", nil)
	defer c.done()
	s := c.sources(ctx, names, "", decode, nil)
	var good []imageprocessor.Result
	for _, r := range images.Stream(ctx, s.all) {
		if ctx.Err() != nil {
			return t, ctx.Err()
		}
		c.step(1)
		name := s.next()
		if r.Err != nil {
			c.fail(name, r.Err)
			continue
		}
		good = append(good, r)
	}
	if len(good) == 0 {
		return t, nil // all failed, and that has been said
	}
	shape, data, err := images.Batch(good)
	if err != nil {
		return t, err
	}
	return safetensors.FromFloat32s("pixel_values", data, shape[:]...), nil
}
