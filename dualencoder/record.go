package dualencoder

import (
	"fmt"

	"github.com/vkdual/vkdual/dualencoder/tower"
	"github.com/vkdual/vkdual/ops"
	"github.com/vkdual/vkdual/runtime"
)

// A shape is everything that a recorded program depends on.
type shape struct {
	images        int // 0: no pictures
	picture           // of each
	texts, length int // 0: no texts; length is in tokens

	full     bool // logits and the towers' outputs too, not just embeddings
	raw      bool // embeddings before normalisation, when not full
	loss     bool
	features bool
	want     tower.Want

	head bool // embeddings in, logits out: no tower runs
}

// A picture is the size of a picture.
type picture struct{ channels, height, width int }

// rows is the number of inputs.
func (s shape) rows() int { return s.images + s.texts }

func (s shape) String() string {
	switch {
	case s.head:
		return fmt.Sprintf("logits of %d images, %d texts", s.images, s.texts)
	case s.texts == 0:
		return fmt.Sprintf("%d images", s.images)
	case s.images == 0:
		return fmt.Sprintf("%d texts of %d tokens", s.texts, s.length)
	}
	return fmt.Sprintf("%d images, %d texts of %d tokens", s.images, s.texts, s.length)
}

// Names of inputs and outputs, as HuggingFace has them.
const (
	inputIDs, tokenTypeIDs, positionIDs, attentionMask = "input_ids", "token_type_ids", "position_ids", "attention_mask"

	pixelValues = "pixel_values"
	textEmbeds  = "text_embeds"
	imageEmbeds = "image_embeds"
)

// record makes the program for s.
func (m *Model) record(s shape, opts ...runtime.RecordOption) (*runtime.Program, error) {
	return m.recorded(s, opts...).Finish()
}

// recorded is everything that the program for s does.
func (m *Model) recorded(s shape, opts ...runtime.RecordOption) *runtime.Recorder {
	r := m.dev.NewRecorder(s.String(), append(opts, ops.Computing(m.opt.Compute))...)
	var text, image runtime.Tensor
	switch {
	case s.head:
		text = r.Input(textEmbeds, runtime.F32, s.texts, m.Dim())
		image = r.Input(imageEmbeds, runtime.F32, s.images, m.Dim())
	default:
		if s.texts > 0 {
			text = m.recordTexts(r, s)
		}
		if s.images > 0 {
			image = m.recordImages(r, s)
		}
	}
	if s.texts > 0 && s.images > 0 {
		// Both products are computed: the second is the exact transpose of the first.
		perText := ops.Similarity(r, text, image, m.scale, m.bias)
		r.Output("logits_per_text", perText)
		r.Output("logits_per_image", ops.Similarity(r, image, text, m.scale, m.bias))
		if s.loss {
			r.Output("loss", ops.ContrastiveLoss(r, perText))
		}
	}
	return r
}

func (m *Model) recordTexts(r *runtime.Recorder, s shape) runtime.Tensor {
	in := tower.TextInput{
		IDs:       r.Input(inputIDs, runtime.U32, s.texts, s.length),
		Types:     r.Input(tokenTypeIDs, runtime.U32, s.texts, s.length),
		Positions: r.Input(positionIDs, runtime.U32, s.texts, s.length),
		Mask:      r.Input(attentionMask, runtime.F32, s.texts, s.length),
	}
	end := r.Scope("text_model")
	out := m.text.Forward(r, in, s.want)
	r.Tap(out.Last)
	end()
	return m.project(r, s, out, half{"text_model_output", "text_projection", "text_features", textEmbeds, m.textProjection})
}

func (m *Model) recordImages(r *runtime.Recorder, s shape) runtime.Tensor {
	pixels := r.Input(pixelValues, runtime.F32, s.images, s.channels, s.height, s.width)
	out := m.recordVision(r, pixels, s.want)
	return m.project(r, s, out, half{"vision_model_output", "visual_projection", "image_features", imageEmbeds, m.visualProjection})
}

func (m *Model) recordVision(r *runtime.Recorder, pixels runtime.Tensor, want tower.Want) tower.Output {
	if m.class.visionModule == "" {
		return m.vision.Forward(r, pixels, want)
	}
	defer r.Scope(m.class.visionModule)()
	out := m.vision.Forward(r, pixels, want)
	r.Tap(out.Last)
	return out
}

// half names what one side of the model gives.
type half struct {
	output, projection, features, embeds string
	matrix                               ops.Matrix
}

// project takes a tower's pooled output to the common space, and keeps the
// outputs that are asked for: → embeddings [B,P] of length 1.
func (m *Model) project(r *runtime.Recorder, s shape, out tower.Output, h half) runtime.Tensor {
	pooled := out.Pooled
	if !pooled.Valid() { // the first token stands for all
		pooled = ops.SelectToken(r, out.Last, 0)
	}
	features := pooled
	if m.class.projections {
		end := r.Scope(h.projection)
		features = ops.Linear(r, pooled, h.matrix)
		r.Tap(features)
		end()
	}
	if !s.full && s.raw {
		r.Output(h.embeds, features)
		return features
	}
	embeds := ops.Normalize(r, features)
	r.Output(h.embeds, embeds)
	if !s.full {
		return embeds
	}
	r.Output(h.output+".last_hidden_state", out.Last)
	if out.Pooled.Valid() {
		r.Output(h.output+".pooler_output", out.Pooled)
	}
	for i, x := range out.HiddenStates {
		r.Output(fmt.Sprintf("%s.hidden_states.%d", h.output, i), x)
	}
	for i, x := range out.Attentions {
		r.Output(fmt.Sprintf("%s.attentions.%d", h.output, i), x)
	}
	if s.features {
		r.Output(h.features, features)
	}
	return embeds
}
