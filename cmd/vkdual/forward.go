package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/vkdual/vkdual/dualencoder"
	"github.com/vkdual/vkdual/serialize/safetensors"
)

type forwardCmd struct {
	folderFlag
	numberFlags
	Strict bool `help:"A weight that nothing uses is an error."`

	Loss         bool   `help:"The contrastive loss too; needs as many pictures as texts."`
	HiddenStates bool   `help:"The state before each layer and after the last."`
	Attentions   bool   `help:"The attention probabilities of each layer."`
	Features     bool   `help:"text_features and image_features: projected, not normalised."`
	In           string `arg:"" name:"IN.safetensors" help:"input_ids, attention_mask, token_type_ids, position_ids (i64), pixel_values (f32); either side may be left out."`
	Out          string `arg:"" name:"OUT.safetensors" help:"Every output under HuggingFace's name."`
	deviceFlags
}

func (forwardCmd) Help() string {
	return "Needs config.json and the weights only. Outputs are loss, logits_per_image, logits_per_text, text_embeds, image_embeds, " +
		"text_model_output.last_hidden_state, .pooler_output, .hidden_states.0 …, .attentions.0 …, and the same under vision_model_output.\n\n" + examples(
		`vkdual process --model DIR --image cat.jpg --text "a cat" in.safetensors`, "the input",
		"vkdual forward --model DIR --hidden-states in.safetensors out.safetensors", "the outputs",
	)
}

func (f forwardCmd) Run(ctx context.Context, c *console) (err error) {
	if err := f.numberFlags.check(); err != nil {
		return err
	}
	file, err := safetensors.Open(f.In)
	if err != nil {
		return err
	}
	defer file.Close()
	in, err := readInputs(file)
	if err != nil {
		return err
	}
	out, err := c.create(f.Out)
	if err != nil {
		return err
	}
	defer out.discard()
	d, err := f.deviceFlags.open(c)
	if err != nil {
		return err
	}
	defer func() { err = d.close(c, err) }()
	m, err := modelFlags{numberFlags: f.numberFlags, Strict: f.Strict}.open(c, d, f.folderFlag)
	if err != nil {
		return err
	}
	defer m.Close()
	results, err := m.Forward(ctx, in, dualencoder.ForwardOptions{
		Loss: f.Loss, HiddenStates: f.HiddenStates, Attentions: f.Attentions, Features: f.Features,
	})
	if err != nil {
		return fmt.Errorf("%s: %w", f.In, err)
	}
	tensors := make([]safetensors.Tensor, len(results))
	for i, r := range results {
		tensors[i] = safetensors.FromFloat32s(r.Name, r.Data, r.Shape...)
	}
	if err := safetensors.Write(out, tensors, nil); err != nil {
		return err
	}
	return out.commit()
}

// readInputs takes the model's inputs from a file that holds nothing else.
func readInputs(file *safetensors.File) (in dualencoder.Inputs, err error) {
	ints := map[string]**dualencoder.Ints{
		"input_ids":      &in.InputIDs,
		"attention_mask": &in.AttentionMask,
		"token_type_ids": &in.TokenTypeIDs,
		"position_ids":   &in.PositionIDs,
	}
	known := []string{"input_ids", "attention_mask", "token_type_ids", "position_ids", "pixel_values"}
	for _, name := range file.Names() {
		if !slices.Contains(known, name) {
			return in, fmt.Errorf("%s: unknown input %q; known are %s", file.Name(), name, strings.Join(known, ", "))
		}
		t, _ := file.Tensor(name)
		want := safetensors.I64
		if name == "pixel_values" {
			want = safetensors.F32
		}
		if t.DType != want {
			return in, fmt.Errorf("%s: %s is %s, want %s", file.Name(), name, t.DType, want)
		}
		if p := ints[name]; p != nil {
			*p = &dualencoder.Ints{Shape: t.Shape, Data: make([]int64, t.Elems())}
			err = safetensors.Int64s((*p).Data, t, 0)
		} else {
			in.PixelValues = &dualencoder.Floats{Shape: t.Shape, Data: make([]float32, t.Elems())}
			err = safetensors.Float32s(in.PixelValues.Data, t, 0)
		}
		if err != nil {
			return in, err
		}
	}
	return in, nil
}
