package ops

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/vkdual/vkdual/runtime"
	"github.com/vkdual/vkdual/spirv"
	"github.com/vkdual/vkdual/vk"
)

// A kernel is one way to do an operation. The kernels of an operation differ
// in speed and in what they need; all give the same numbers within rounding.
type kernel[Op any] struct {
	name   string
	needs  func(i *vk.Info) string             // what the device lacks, "" for nothing; nil: nothing
	takes  func(d *runtime.Device, op Op) bool // whether it does this shape; nil: every shape
	record func(r *runtime.Recorder, op Op)    // appends its dispatches
}

// A family is the kernels of one operation and what they are judged by.
type family[Op any] struct {
	op      string
	kernels []kernel[Op]                         // the one that should be fastest first
	trials  func(kernel[Op]) []trial             // known answers; the first that it takes is the check on first use
	work    func(k kernel[Op], few bool) []trial // what it is timed on: the first that it takes
}

// A Choice is what became of a kernel on a device.
type Choice struct {
	Op, Kernel string
	Lacks      string  `json:",omitempty"` // what the device lacks for it
	Wrong      string  `json:",omitempty"` // why it is switched off: how its answer differs
	Few, Many  float64 // ms for little work and for much
}

// On reports whether the kernel is in use.
func (c Choice) On() bool { return c.Lacks == "" && c.Wrong == "" }

func (c Choice) String() string {
	head := fmt.Sprintf("%-12s %-24s ", c.Op, c.Kernel)
	switch {
	case c.Lacks != "":
		return head + "not here: needs " + c.Lacks
	case c.Wrong != "":
		return head + "SWITCHED OFF: " + c.Wrong
	}
	return head + fmt.Sprintf("%8.3g ms, %8.3g ms", c.Few, c.Many)
}

// A KernelSet is the kernels that a device uses, in order of preference.
type KernelSet struct {
	Choices []Choice
	err     error // some operation has no kernel that works

	linears    ranking[*linear]
	attentions ranking[*attention]
	layerNorms ranking[*layerNorm]
}

// A ranking holds the working kernels of an operation, fastest first.
type ranking[Op any] struct {
	few, many []kernel[Op]
}

// fewRows is the number of rows up to which the ranking for little work counts.
const fewRows = 16

func (k ranking[Op]) record(r *runtime.Recorder, rows int, op Op) {
	order := k.many
	if rows <= fewRows {
		order = k.few
	}
	for _, c := range order {
		if c.takes == nil || c.takes(r.Device(), op) {
			c.record(r, op)
			return
		}
	}
	r.Fail(fmt.Errorf("ops: no kernel takes %T of %d rows", op, rows))
}

func (s *KernelSet) linear(r *runtime.Recorder, l *linear) {
	if s.err != nil {
		r.Fail(s.err)
		return
	}
	s.linears.record(r, l.rows(), l)
}

func (s *KernelSet) attention(r *runtime.Recorder, a *attention) {
	if s.err != nil {
		r.Fail(s.err)
		return
	}
	s.attentions.record(r, a.batch*a.tokens, a)
}

func (s *KernelSet) layerNorm(r *runtime.Recorder, l *layerNorm) {
	if s.err != nil {
		r.Fail(s.err)
		return
	}
	s.layerNorms.record(r, l.rows(), l)
}

// kernelsKey is where a device keeps its KernelSet.
type kernelsKey struct{}

// Kernels are the kernels of d. At the first call each one that d could run is
// held against a known answer and timed; one that answers wrong is switched
// off and reported. The verdicts are kept on disk by device, driver and shaders.
func Kernels(d *runtime.Device) *KernelSet {
	return runtime.Value(d, kernelsKey{}, func() *KernelSet { return chooseKernels(d) })
}

func chooseKernels(d *runtime.Device) *KernelSet {
	s := &KernelSet{}
	c := &chooser{dev: d, known: map[string]Choice{}}
	file := "kernels-" + shadersHash()
	d.Recall(file, &c.known)
	s.linears = choose(c, linearFamily)
	s.attentions = choose(c, attentionFamily)
	s.layerNorms = choose(c, layerNormFamily)
	s.Choices, s.err = c.choices, c.err
	if c.news {
		d.Remember(file, c.known)
	}
	for _, k := range s.Choices {
		if k.Wrong != "" {
			d.Log().Warn("a kernel answers wrong on this device and is switched off", "kernel", k.Kernel, "why", k.Wrong)
		}
	}
	return s
}

// shadersHash changes with any shader, so that old verdicts are not believed.
func shadersHash() string {
	h := sha256.New()
	for _, m := range spirv.Modules() {
		h.Write([]byte(m.Name))
		h.Write(m.Code())
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}
