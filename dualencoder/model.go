package dualencoder

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/vkdual/vkdual/dualencoder/config"
	"github.com/vkdual/vkdual/dualencoder/tower"
	"github.com/vkdual/vkdual/dualencoder/weights"
	"github.com/vkdual/vkdual/ops"
	"github.com/vkdual/vkdual/runtime"
	"github.com/vkdual/vkdual/serialize/checkpoint"
)

// Options say how a model is opened. The zero value is good for most.
type Options struct {
	Name   string        // of the model in messages; Open takes the folder
	DType  runtime.DType // of matrices and tables on the device, one of DTypes; 0: F32. Sums are f32
	Strict bool          // a stored tensor that nothing uses is an error, not a note

	// Compute is the type of activations: F32 (the default), F16, BF16 or Q8. With
	// F16 or BF16, what each operation gives is rounded to that type, sums
	// within an operation staying f32. With DType of the same type these are the
	// numbers of a Flax model of that dtype, within the type's precision.
	//
	// Q8, with DType Q8 only, rounds no result: it allows linear layers to round
	// their inputs to integers of 8 bits, with a scale for each 32 of a row, where
	// a kernel gains by it. Whether one does is a matter of the device, and told
	// where none does. It costs more accuracy than weights of 8 bits do.
	Compute runtime.DType

	PositionIDs PositionIDs // of tokens by default; "": PyTorchPositions

	// Side is the one whose inputs are to be embedded: the other's weights are
	// checked, but take neither time nor memory. 0: both.
	Side Side

	// NewPooler draws a tower's pooler at random where the checkpoint lacks it,
	// as transformers does, and says so. Without it that is an error, since the
	// embeddings of such a model mean nothing before it is trained.
	NewPooler bool

	MaxBatch int          // inputs that run at once; 0: 32 texts, 8 pictures
	Programs int          // recorded programs that are kept; 0: 32
	Log      *slog.Logger // gets notes; nil: the device's
}

// A Side is one of the two towers, with its projection.
type Side int

// The sides of a model.
const (
	BothSides Side = iota
	TextSide
	ImageSide
)

// DTypes are the types that a model's matrices and tables may be held in. Biases,
// norms and what is added to tokens of pictures are f32 with all of them.
//
// Q8 and Q4 are integers with scales. Q4 is for larger matrices within layers;
// those of queries, keys and values, patches, poolers and projections are Q8 then,
// and tables. A few small ones stay f16 with both. Q8 keeps an embedding's
// direction to a cosine of 0.999; what Q4 does depends on the model.
func DTypes() []runtime.DType {
	return []runtime.DType{runtime.F32, runtime.F16, runtime.BF16, runtime.Q8, runtime.Q4}
}

// ComputeTypes are the types that Options.Compute takes.
func ComputeTypes() []runtime.DType {
	return []runtime.DType{runtime.F32, runtime.F16, runtime.BF16, runtime.Q8}
}

// A Model is a VisionTextDualEncoder, or one of its relatives, on a device. It is safe for concurrent
// use: calls of the same shape take turns, others run side by side.
type Model struct {
	dev   *runtime.Device
	name  string
	cfg   *config.Config
	class class
	opt   Options
	log   *slog.Logger

	arena                            *runtime.Arena
	vision                           tower.Vision
	text                             tower.Text
	visualProjection, textProjection ops.Matrix
	scale, bias                      float32 // of the logits: exp(logit_scale) and logit_bias
	programs                         programs
	images, tokens                   capacity   // of one batch
	processor                        *Processor // nil for a model that was not opened from files
	closing                          sync.Once
}

// Open opens the model in a folder as save_pretrained writes it: config.json
// and the weights, in any form that package checkpoint reads. The files of
// tokenizer and image processor are read when they are first needed.
func Open(dev *runtime.Device, dir string, opt Options) (*Model, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return nil, fmt.Errorf("dualencoder: open model: %w", err)
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("dualencoder: open model: %s is a file, want the folder of a checkpoint", dir)
	}
	if opt.Name == "" {
		opt.Name = dir
	}
	return OpenFS(dev, os.DirFS(dir), opt)
}

// OpenFS opens the model at the root of fsys.
func OpenFS(dev *runtime.Device, fsys fs.FS, opt Options) (*Model, error) {
	cfg, err := config.Load(fsys, opt.Name)
	if err != nil {
		return nil, err
	}
	ckpt, err := checkpoint.OpenFS(fsys, cmp.Or(opt.Name, "model"))
	if err != nil {
		return nil, err
	}
	m, err := build(dev, cfg, stored{ckpt}, opt, weights.Options{Draw: drawPooler(cfg, opt), Note: notePooler})
	if err := errors.Join(err, ckpt.Close()); err != nil {
		m.Close()
		return nil, err
	}
	m.processor = NewProcessor(fsys, opt.Name)
	return m, nil
}

// New makes a model with new weights: it knows nothing yet. The numbers depend
// on cfg and seed only.
func New(dev *runtime.Device, cfg *config.Config, seed uint64, opt Options) (*Model, error) {
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler) // that all is newly drawn is no news
	}
	return build(dev, cfg, nothing{}, opt, weights.Options{Draw: func(name string, shape []int) (weights.Stored, bool) {
		return start(cfg, name, shape).Draw(seed, name, shape), true
	}})
}

const (
	logitScale = "logit_scale"
	logitBias  = "logit_bias"
)

func build(dev *runtime.Device, cfg *config.Config, src weights.Source, opt Options, w weights.Options) (_ *Model, err error) {
	opt.Name = cmp.Or(opt.Name, "model")
	if opt.DType == 0 {
		opt.DType = runtime.F32
	}
	if opt.Compute == 0 {
		opt.Compute = runtime.F32
	}
	if t := opt.DType; !slices.Contains(DTypes(), t) {
		return nil, fmt.Errorf("dualencoder: open %s: dtype %v, want one of %v", opt.Name, t, DTypes())
	}
	if t := opt.Compute; !slices.Contains(ComputeTypes(), t) {
		return nil, fmt.Errorf("dualencoder: open %s: compute %v, want one of %v", opt.Name, t, ComputeTypes())
	}
	if opt.Compute == runtime.Q8 && opt.DType != runtime.Q8 {
		return nil, fmt.Errorf("dualencoder: open %s: compute %v is for products with weights of dtype %v, not %v", opt.Name, opt.Compute, runtime.Q8, opt.DType)
	}
	switch opt.PositionIDs {
	case "", PyTorchPositions, FlaxPositions:
	default:
		return nil, fmt.Errorf("dualencoder: open %s: position ids %q, want %q or %q", opt.Name, opt.PositionIDs, PyTorchPositions, FlaxPositions)
	}
	if opt.MaxBatch < 0 || opt.Programs < 0 {
		return nil, fmt.Errorf("dualencoder: open %s: at most %d inputs a batch, %d programs kept: want positive numbers, or 0 for the default", opt.Name, opt.MaxBatch, opt.Programs)
	}
	if opt.Programs == 0 {
		opt.Programs = 32
	}
	m := &Model{dev: dev, name: opt.Name, cfg: cfg, class: classes[cfg.Class], opt: opt, log: opt.Log}
	if m.log == nil {
		m.log = dev.Log()
	}
	m.programs = programs{limit: opt.Programs, record: func(s shape) (*runtime.Program, error) { return m.record(s) }}
	m.arena = dev.NewArena("weights")
	defer func() {
		if err != nil {
			m.Close()
		}
	}()
	loaded := make(chan struct{})
	var ahead sync.WaitGroup
	ahead.Go(func() { _ = m.compileAhead(loaded) })
	defer func() { close(loaded); ahead.Wait() }()
	w.Strict, w.Log = opt.Strict, m.log
	set := weights.New(src, ops.Packer{Arena: m.arena, DType: opt.DType}, w)
	if err := m.load(set.Root()); err != nil {
		return nil, err
	}
	if err := set.Finish(); err != nil {
		return nil, fmt.Errorf("dualencoder: open %s: %w", opt.Name, err)
	}
	return m, nil
}

func (m *Model) load(w weights.Scope) (err error) {
	vision, text := w, w // scopes of what is run, or checked alone
	switch m.opt.Side {
	case TextSide:
		vision = w.Checked()
	case ImageSide:
		text = w.Checked()
	}
	if m.class.visionModule == "" {
		w.Order("text_model", "vision_model")
	}
	if m.vision, err = tower.NewVision(vision.Sub(m.class.visionModule), m.cfg.Vision); err != nil {
		return err
	}
	if m.text, err = tower.NewText(text.Sub("text_model"), m.cfg.Text); err != nil {
		return err
	}
	if m.opt.PositionIDs == FlaxPositions {
		m.text = flaxText{m.text}
	}
	if p := m.cfg.ProjectionDim; m.class.projections {
		m.visualProjection = vision.Sub("visual_projection").Projection(p, m.cfg.Vision.HiddenDim())
		m.textProjection = text.Sub("text_projection").Projection(p, m.cfg.Text.HiddenDim())
	}
	one := []int{} // the shape of logit_scale
	if m.class.logitBias {
		one = []int{1}
	}
	m.scale = float32(math.Exp(float64(w.Scalar(logitScale, one...))))
	if m.class.logitBias {
		m.bias = w.Scalar(logitBias, one...)
	}
	return nil
}

// Close frees the model's memory. Calls that are running must have returned;
// later ones report ErrClosed.
func (m *Model) Close() {
	if m == nil {
		return
	}
	m.closing.Do(func() {
		m.programs.close()
		m.arena.Close()
	})
}

// Config is the model's configuration.
func (m *Model) Config() *config.Config { return m.cfg }

// Dim is the length of an embedding.
func (m *Model) Dim() int { return m.cfg.ProjectionDim }

// Processor holds the tokenizer and the image processor; nil for a model made by New.
func (m *Model) Processor() *Processor { return m.processor }

// Defaults of Options.MaxBatch. Eight pictures are some thousand rows, which
// keep a device busy, and it starts when the first few are decoded.
const (
	defaultTexts  = 32
	defaultImages = 8
)

// maxBatch is how many inputs run at once.
func (m *Model) maxBatch(k kind) int {
	switch {
	case m.opt.MaxBatch > 0:
		return m.opt.MaxBatch
	case k == ofTexts:
		return defaultTexts
	}
	return defaultImages
}

// Device is what the model runs on.
func (m *Model) Device() *runtime.Device { return m.dev }

// MaxTokens is the length of the longest text, with its special tokens.
func (m *Model) MaxTokens() int { return m.text.Limits().Length }

func isPooler(name string) bool {
	return strings.HasPrefix(name, "vision_model.pooler.") || strings.HasPrefix(name, "text_model.pooler.")
}

func drawPooler(cfg *config.Config, opt Options) func(string, []int) (weights.Stored, bool) {
	if !opt.NewPooler {
		return nil
	}
	return func(name string, shape []int) (weights.Stored, bool) {
		if !isPooler(name) {
			return weights.Stored{}, false
		}
		return start(cfg, name, shape).Draw(0, name, shape), true
	}
}

func notePooler(name string) string {
	if !isPooler(name) {
		return ""
	}
	return "the checkpoint was saved without a pooler, so its embeddings mean nothing until one is trained; NewPooler draws one at random, as transformers does"
}
