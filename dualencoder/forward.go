package dualencoder

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/vkdual/vkdual/dualencoder/tower"
	"github.com/vkdual/vkdual/runtime"
)

// Forward runs the model itself: token ids and pixel values in, everything
// that HuggingFace's forward returns out. Inputs are checked before anything
// runs: an [*InputError] names the input, the value and the limit. What the
// device cannot take at once is run in parts.
func (m *Model) Forward(ctx context.Context, in Inputs, opt ForwardOptions) (Outputs, error) {
	s, err := m.check(in, opt)
	if err != nil {
		return nil, err
	}
	var out Outputs
	err = m.programs.use(s, func(p *runtime.Program) error {
		begin := time.Now()
		m.fill(p, in)
		m.dev.Span("upload", "write inputs", begin, time.Now())
		if err := p.Run(ctx); err != nil {
			return err
		}
		out = collect(p)
		return nil
	})
	if tooLarge(err, s) {
		return m.forwardParts(ctx, in, opt, s)
	}
	return out, err
}

// fill writes checked inputs to the program's memory.
func (m *Model) fill(p *runtime.Program, in Inputs) {
	if x := in.PixelValues; x != nil {
		copy(runtime.F32s(p.Input(pixelValues)), x.Data)
	}
	if in.InputIDs == nil {
		return
	}
	ids := runtime.U32s(p.Input(inputIDs))
	// Upload memory may be slow to read: positions are counted from a copy.
	given := narrow(in.InputIDs.Data)
	copy(ids, given)
	types := runtime.U32s(p.Input(tokenTypeIDs))
	clear(types)
	if x := in.TokenTypeIDs; x != nil {
		copy(types, narrow(x.Data))
	}
	length := in.InputIDs.Shape[1]
	positions := runtime.U32s(p.Input(positionIDs))
	for at := 0; at < len(positions); at += length {
		row := positions[at : at+length]
		switch x := in.PositionIDs; {
		case x == nil:
			m.text.Positions(row, given[at:at+length])
		case len(x.Data) == length:
			copy(row, narrow(x.Data))
		default:
			copy(row, narrow(x.Data[at:at+length]))
		}
	}
	mask := runtime.F32s(p.Input(attentionMask))
	for i := range mask {
		mask[i] = tower.Attend
		if x := in.AttentionMask; x != nil && x.Data[i] == 0 {
			mask[i] = tower.Ignore
		}
	}
}

func narrow(x []int64) []uint32 {
	y := make([]uint32, len(x))
	for i, v := range x {
		y[i] = uint32(v)
	}
	return y
}

// collect copies the outputs of a program that has run.
func collect(p *runtime.Program) Outputs {
	var out Outputs
	for _, name := range p.Outputs() {
		shape := p.OutputShape(name)
		if name == "loss" {
			shape = []int{} // a number, not an array of one
		}
		out = append(out, Output{name, Floats{shape, slices.Clone(runtime.F32s(p.Output(name)))}})
	}
	return sorted(out)
}

// sorted puts outputs in HuggingFace's order.
func sorted(out Outputs) Outputs {
	slices.SortStableFunc(out, func(a, b Output) int { return rank(a.Name) - rank(b.Name) })
	return out
}

// order is that of HuggingFace's outputs.
var order = []string{"loss", "logits_per_image", "logits_per_text", textEmbeds, imageEmbeds,
	"text_model_output.", "vision_model_output.", "text_features", "image_features"}

func rank(name string) int {
	for i, p := range order {
		if strings.HasPrefix(name, p) {
			return i
		}
	}
	return len(order)
}
