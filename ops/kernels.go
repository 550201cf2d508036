package ops

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"

	"github.com/vkdual/vkdual/runtime"
	"github.com/vkdual/vkdual/spirv"
	"github.com/vkdual/vkdual/vk"
)

// A kernel is one way to do an operation. The kernels of an operation differ
// in speed and in what they need; all give the same numbers within rounding.
type kernel[Op any] struct {
	name     string
	emulated bool                                // it stands in for a capability, for tests
	gpu      bool                                // made for real GPUs: no candidate on a CPU
	portable bool                                // for any device: no candidate on a CPU that has kernels of its own
	rounds   bool                                // within the operation, to what the operation may be rounded to
	frugal   bool                                // stands in for those that bind five storage buffers, where only four can be
	needs    func(i *vk.Info) string             // what the device lacks, "" for nothing; nil: nothing
	takes    func(d *runtime.Device, op Op) bool // whether it does this shape; nil: every shape
	record   func(r *runtime.Recorder, op Op)    // appends its dispatches
}

// spare says why a kernel that d can run is used where it is forced only, ""
// for one that is not so.
func (k kernel[Op]) spare(d *runtime.Device) string {
	switch {
	case k.emulated:
		return "an emulation, for tests: used where it is forced"
	case k.gpu && d.Info().Type == vk.CPU:
		return "for real GPUs: used where it is forced"
	case k.frugal && fiveBuffers(d.Info()) == "":
		return "for devices that bind no more than four storage buffers: used where it is forced"
	}
	return ""
}

// lacks is what d lacks for the kernel, "" for nothing.
func (k kernel[Op]) lacks(d *runtime.Device) string {
	if k.needs == nil {
		return ""
	}
	lacks := k.needs(d.Info())
	if lacks != "" && k.needs(d.Probed()) == "" {
		lacks += ", which is switched off"
	}
	return lacks
}

// A family is the kernels of one operation and what they are judged by.
type family[Op any] struct {
	op      string
	kernels []kernel[Op]        // the one that should be fastest first
	samples func() []sample[Op] // of all sizes and options, for SelfTest
	edges   func() []sample[Op] // the same for spare kernels, few, since each takes long to compile; nil: samples

	// Operations of one class share the order of their kernels, "f32, many rows".
	class func(Op) string

	// alike are samples with op's specialization constants, so that they run
	// the very pipelines that op will: small ones with known answers, and what
	// the kernels of op's class are timed on. Of each the first that a kernel
	// takes counts.
	alike func(d *runtime.Device, op Op) (answers, work []sample[Op])

	usual []sample[Op] // operations of the usual classes
	share float64      // of the time for tuning that the family may have
}

// A sample is an operation on known inputs that any kernel may be given.
type sample[Op any] interface {
	of(kernel[Op]) trial
	String() string
}

// KernelNames are the names of all kernels that --force may name, by family.
func KernelNames() []string {
	return append(append(linearFamily.names(), attentionFamily.names()...), layerNormFamily.names()...)
}

func (f family[Op]) names() (names []string) {
	for _, k := range f.kernels {
		names = append(names, k.name)
	}
	return names
}

// A KernelSet chooses among the kernels of a device, operation by operation:
// forced ones first; else the fastest of those that the device can run, as
// measured once, and before that in the order of the list. Before a program
// gets a kernel, the pipeline that it will run is held against a known answer;
// a kernel that answers wrong is switched off and reported.
type KernelSet struct {
	*chooser
	linears    picker[*linear]
	attentions picker[*attention]
	layerNorms picker[*layerNorm]
}

// kernelsKey is where a device keeps its KernelSet.
type kernelsKey struct{}

// Kernels are the kernels of d. The times are kept on disk by device, driver
// and shaders.
func Kernels(d *runtime.Device) *KernelSet {
	return runtime.Value(d, kernelsKey{}, func() *KernelSet {
		s := &KernelSet{chooser: newChooser(d)}
		s.linears.init(s.chooser, linearFamily)
		s.attentions.init(s.chooser, attentionFamily)
		s.layerNorms.init(s.chooser, layerNormFamily)
		return s
	})
}

// Err says why no kernel will be chosen: one is forced that the device cannot run.
func (s *KernelSet) Err() error { return s.err }

// Decide chooses for the usual classes of every operation, which takes as long
// as tuning may. What else a program asks for is decided when it does.
func (s *KernelSet) Decide() error {
	for _, decide := range []func() error{s.linears.decide, s.attentions.decide, s.layerNorms.decide} {
		if err := decide(); err != nil {
			return err
		}
	}
	return nil
}

// Expected is what is decided so far and, of the usual classes that are not,
// what comes first in order. It times nothing.
func (s *KernelSet) Expected() []Decision {
	list := s.Decisions()
	for _, first := range [][]Decision{s.linears.first(), s.attentions.first(), s.layerNorms.first()} {
		for _, d := range first {
			if !slices.ContainsFunc(list, func(x Decision) bool { return x.Class == d.Class }) {
				list = append(list, d)
			}
		}
	}
	return list
}

// shadersHash changes with any shader, so that old times are not believed.
func shadersHash() string {
	h := sha256.New()
	for _, m := range spirv.Modules() {
		io.WriteString(h, m.Name+" "+m.SourceHash+"\n")
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// A Decision is which kernel operations of a class get, and why.
type Decision struct{ Class, Kernel, Why string }

func (d Decision) String() string { return fmt.Sprintf("%-40s %-20s %s", d.Class, d.Kernel, d.Why) }

// An Exclusion is a kernel that is not in use, and why.
type Exclusion struct {
	Kernel string
	Why    string
	Wrong  bool // it answers wrong here
}

func (e Exclusion) String() string { return fmt.Sprintf("%-20s %s", e.Kernel, e.Why) }
