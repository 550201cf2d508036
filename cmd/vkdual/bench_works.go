package main

import (
	"fmt"
	"math/rand/v2"

	"github.com/vkdual/vkdual/dualencoder"
	"github.com/vkdual/vkdual/dualencoder/config"
	"github.com/vkdual/vkdual/ops"
	"github.com/vkdual/vkdual/runtime"
)

// A work is something to measure.
type work struct {
	name  string
	texts bool // it has a length in tokens
	plan  func(*runtime.Device, benchCmd) (planned, error)
}

// planned is a program with its inputs in place, and what frees it.
type planned struct {
	program *runtime.Program
	close   func()
}

func works() []work {
	return []work{
		{"matmul", false, planMatmul},
		{"vit-b16", false, planViT},
		{"bert-base", true, planBERT},
		{"clip-b32", false, planCLIP},
		{"clip-bert", true, planPair},
		{"peak", false, planPeak},
	}
}

// draws are the numbers that inputs are made of, the same in every run.
func draws() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }

// planMatmul is the first product of the feed-forward part of ViT-B/16, on
// one picture's 197 tokens.
func planMatmul(d *runtime.Device, b benchCmd) (planned, error) {
	const rows, in, out = 197, 768, 3072
	random := draws()
	arena := d.NewArena("bench")
	m, err := ops.Packer{Arena: arena, DType: dtype(b.DType)}.Matrix("w", out, in, func(_ int, dst []float32) error {
		for i := range dst {
			dst[i] = float32(random.NormFloat64()) / 32
		}
		return nil
	}, make([]float32, out))
	if err != nil {
		arena.Close()
		return planned{}, err
	}
	r := d.NewRecorder("matmul", ops.Computing(dtype(b.Compute)))
	r.Output("y", ops.Linear(r, r.Input("x", runtime.F32, b.Batch*rows, in), m))
	p, err := r.Finish()
	if err != nil {
		arena.Close()
		return planned{}, err
	}
	x := runtime.F32s(p.Input("x"))
	for i := range x {
		x[i] = float32(random.NormFloat64())
	}
	return planned{p, func() { p.Close(); arena.Close() }}, nil
}

// planPeak is multiply-adds alone: the ceiling of everything else.
func planPeak(d *runtime.Device, b benchCmd) (planned, error) {
	const invocations, turns = 1 << 14, 256
	r := d.NewRecorder("peak")
	r.Output("y", ops.MultiplyAdd(r, r.Input("x", runtime.F32, b.Batch*invocations), turns))
	p, err := r.Finish()
	if err != nil {
		return planned{}, err
	}
	return planned{p, p.Close}, nil
}

// Each model has a real tower on one side and next to nothing on the other.
const (
	vitB16  = `"vision_config": {"model_type": "vit"}`
	tinyViT = `"vision_config": {"model_type": "vit", "hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1,
		"intermediate_size": 8, "image_size": 8, "patch_size": 8}`
	clipB32  = `"vision_config": {"model_type": "clip_vision_model", "patch_size": 32}`
	bertBase = `"text_config": {"model_type": "bert"}`
	tinyBERT = `"text_config": {"model_type": "bert", "hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1,
		"intermediate_size": 8, "vocab_size": 8, "max_position_embeddings": 8}`
)

// planViT is ViT-B/16 at 224 × 224.
func planViT(d *runtime.Device, b benchCmd) (planned, error) {
	return planModel(d, b, vitB16, tinyBERT, dualencoder.Inputs{PixelValues: b.pixels()})
}

// planCLIP is the vision half of CLIP-B/32 at 224 × 224.
func planCLIP(d *runtime.Device, b benchCmd) (planned, error) {
	return planModel(d, b, clipB32, tinyBERT, dualencoder.Inputs{PixelValues: b.pixels()})
}

// planBERT is BERT-base.
func planBERT(d *runtime.Device, b benchCmd) (planned, error) {
	return planModel(d, b, tinyViT, bertBase, dualencoder.Inputs{InputIDs: b.ids()})
}

// planPair is a whole model: CLIP-B/32's vision half and BERT-base, as many texts as pictures.
func planPair(d *runtime.Device, b benchCmd) (planned, error) {
	return planModel(d, b, clipB32, bertBase, dualencoder.Inputs{PixelValues: b.pixels(), InputIDs: b.ids()})
}

func (b benchCmd) pixels() *dualencoder.Floats {
	random := draws()
	x := &dualencoder.Floats{Shape: []int{b.Batch, 3, 224, 224}, Data: make([]float32, b.Batch*3*224*224)}
	for i := range x.Data {
		x.Data[i] = 2*random.Float32() - 1
	}
	return x
}

func (b benchCmd) ids() *dualencoder.Ints {
	const vocabulary = 30522
	random := draws()
	ids := &dualencoder.Ints{Shape: []int{b.Batch, b.Length}, Data: make([]int64, b.Batch*b.Length)}
	for i := range ids.Data {
		ids.Data[i] = random.Int64N(vocabulary)
	}
	return ids
}

func planModel(d *runtime.Device, b benchCmd, vision, text string, in dualencoder.Inputs) (planned, error) {
	source := fmt.Sprintf(`{"model_type": "vision-text-dual-encoder", "projection_dim": 512, %s, %s}`, vision, text)
	cfg, err := config.Parse([]byte(source), "bench")
	if err != nil {
		return planned{}, err
	}
	m, err := dualencoder.New(d, cfg, 1, dualencoder.Options{Name: "bench", DType: dtype(b.DType), Compute: dtype(b.Compute)})
	if err != nil {
		return planned{}, err
	}
	p, err := m.Plan(in)
	if err != nil {
		m.Close()
		return planned{}, err
	}
	return planned{p, func() { p.Close(); m.Close() }}, nil
}
