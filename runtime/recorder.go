package runtime

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/vkdual/vkdual/spirv"
	"github.com/vkdual/vkdual/vk"
)

// A Recorder collects the dispatches of a program. It belongs to one goroutine.
// The first error sticks: every later call does nothing, and Finish reports it.
type Recorder struct {
	dev     *Device
	name    string
	taps    bool
	values  []value
	nodes   []node
	inputs  []named
	outputs []named
	scope   []string
	pending Pending
	err     error

	precision DType
	untimed   bool
	ahead     bool
	epilogue  func(*Recorder, Tensor)
	written   []Tensor // by the last operation, which has no epilogue yet
	writer    []string // its scope
}

// A value is what a Recorder knows of a tensor that is not in an Arena.
type value struct {
	tensor      Tensor
	kind        kind
	data        []byte // of a constant: what its memory holds
	first, last int    // nodes that first write and last touch it; -1: none
	why         string // of a value that nothing writes: what became of it
}

type kind uint8

const (
	temporary kind = iota
	input
	output
)

type named struct {
	name string
	id   int32
}

// A node is a dispatch with its module and the scope it was recorded in.
type node struct {
	Dispatch
	module *spirv.Module
	scope  string
}

// A Dispatch runs one shader over a grid of workgroups.
type Dispatch struct {
	Op     string    // what it does, for plans and profiles: "linear 197×768×3072"
	Module string    // of package spirv
	Spec   []vk.Spec // specialization constants
	Push   []uint32  // push constants, as many as the module has
	Groups [3]int    // workgroups; a zero in the last two means 1
	Bind   []Binding // in the order of the module's bindings

	Subgroup uint32  // required subgroup size, 0: the device's own
	FLOPs    float64 // estimated work, for profiles and the split of long submits
	Bytes    uint64  // estimated traffic, for profiles; 0: every element that is bound, once
}

// A Binding is a tensor, or a range of its elements, as a shader sees it.
type Binding struct {
	Tensor Tensor
	First  int // element; its offset must suit the device's alignment
	Count  int // elements; 0: to the end
}

// Bind binds whole tensors.
func Bind(ts ...Tensor) []Binding {
	bs := make([]Binding, len(ts))
	for i, t := range ts {
		bs[i].Tensor = t
	}
	return bs
}

// A Pending is an operation whose dispatch waits, so that the next operation
// may become a part of it. Flush records it.
type Pending interface{ Flush(*Recorder) }

// A RecordOption changes what a Recorder keeps.
type RecordOption func(*Recorder)

// WithTaps keeps every tapped tensor as an output named "act." and its scope.
// It also keeps operations from fusing across a tap.
func WithTaps() RecordOption { return func(r *Recorder) { r.taps = true } }

// WithEpilogue has f end every operation: it is called with each value once the
// dispatches that write it are recorded, and before any other dispatch. What f
// itself dispatches has no epilogue. Nil is none.
func WithEpilogue(f func(r *Recorder, y Tensor)) RecordOption {
	return func(r *Recorder) { r.epilogue = f }
}

// WithPrecision says that values need no more precision than that of t: a
// kernel may round what it reads to t. Values stay of their own type in memory.
func WithPrecision(t DType) RecordOption { return func(r *Recorder) { r.precision = t } }

// Unprofiled keeps a program out of profiles and traces: one that tries kernels
// out is no part of the work.
func Unprofiled() RecordOption { return func(r *Recorder) { r.untimed = true } }

// Ahead is for a program that is not to be run: it is compiled, with Compile,
// before its like is recorded. It may read tensors without memory.
func Ahead() RecordOption { return func(r *Recorder) { r.ahead = true } }

// NewRecorder starts a program; its name appears in errors and profiles.
func (d *Device) NewRecorder(name string, opts ...RecordOption) *Recorder {
	r := &Recorder{dev: d, name: name, precision: F32}
	for _, o := range opts {
		o(r)
	}
	return r
}

// Device is the device that the program will run on.
func (r *Recorder) Device() *Device { return r.dev }

// Precision is what WithPrecision set, else F32.
func (r *Recorder) Precision() DType { return r.precision }

// Ahead reports whether the program is only to be compiled.
func (r *Recorder) Ahead() bool { return r.ahead }

// Err is the first error so far.
func (r *Recorder) Err() error { return r.err }

// Fail makes err the recorder's error, with the scope it arose in, unless there is one.
func (r *Recorder) Fail(err error) {
	if r.err != nil || err == nil {
		return
	}
	if at := r.path(); at != "" {
		err = fmt.Errorf("%s: %w", at, err)
	}
	r.err = err
}

func (r *Recorder) failf(format string, args ...any) { r.Fail(fmt.Errorf("runtime: "+format, args...)) }

// Scope enters a part of the model and returns the function that leaves it;
// path may have several segments ("layer.3").
func (r *Recorder) Scope(path string) (end func()) {
	n := len(r.scope)
	r.scope = append(r.scope, path)
	return func() { r.scope = r.scope[:n] }
}

func (r *Recorder) path() string { return strings.Join(r.scope, ".") }

func (r *Recorder) add(k kind, t DType, shape []int) Tensor {
	if r.err != nil {
		return Tensor{}
	}
	x, err := newTensor(t, shape)
	if err != nil {
		r.failf("%w", err)
		return Tensor{}
	}
	x.of, x.id = r, int32(len(r.values))
	r.values = append(r.values, value{tensor: x, kind: k, first: -1, last: -1})
	return x
}

// Temp is a tensor that lives from the dispatch that writes it to the last one
// that reads it.
func (r *Recorder) Temp(t DType, shape ...int) Tensor { return r.add(temporary, t, shape) }

// Input is a tensor that the host writes before each run.
func (r *Recorder) Input(name string, t DType, shape ...int) Tensor {
	x := r.add(input, t, shape)
	if x.Valid() {
		r.inputs = append(r.inputs, named{name, x.id})
	}
	return x
}

// Constant is a tensor of the program's own that always holds data.
func (r *Recorder) Constant(t DType, data []byte, shape ...int) Tensor {
	x := r.add(input, t, shape)
	if !x.Valid() {
		return x
	}
	if uint64(len(data)) != x.Bytes() {
		r.failf("constant %v of %d bytes", x, len(data))
		return Tensor{}
	}
	r.values[x.id].data = data
	return x
}

// Output keeps t for the host to read after each run. One tensor may be kept
// under several names.
func (r *Recorder) Output(name string, t Tensor) {
	if r.flush(); r.err != nil {
		return
	}
	v := r.value(t)
	switch {
	case v == nil:
		r.failf("output %q: %v is not a value of this program", name, t)
	case v.kind == input:
		r.failf("output %q is an input", name)
	default:
		v.kind = output
		r.outputs = append(r.outputs, named{name, t.id})
	}
}

// Tap marks t as the output of the module that the scope names.
func (r *Recorder) Tap(t Tensor) {
	if r.taps && r.err == nil {
		r.Output("act."+r.path(), t)
	}
}

// Taps reports whether tapped tensors are kept.
func (r *Recorder) Taps() bool { return r.taps }

// Reshape is t's elements under another shape.
func (r *Recorder) Reshape(t Tensor, shape ...int) Tensor {
	if r.err != nil {
		return Tensor{}
	}
	x, err := newTensor(t.dtype, shape)
	if err == nil && x.Elems() != t.Elems() {
		err = fmt.Errorf("%v has not the elements of %v", t, shape)
	}
	if err != nil {
		r.failf("reshape: %w", err)
		return Tensor{}
	}
	x.at, x.of, x.id = t.at, t.of, t.id
	return x
}

// Postpone keeps p for the next operation to join; what was pending is flushed.
func (r *Recorder) Postpone(p Pending) {
	if r.flush(); r.err == nil {
		r.pending = p
	}
}

// Pending is the operation that waits, or nil.
func (r *Recorder) Pending() Pending { return r.pending }

// Absorb says that the value t will never be written, since a later operation
// took over what makes it. A later use of t is reported.
func (r *Recorder) Absorb(t Tensor, by string) {
	if v := r.value(t); v != nil {
		v.why = "it was fused into " + by
	}
}

func (r *Recorder) flush() {
	if p := r.pending; p != nil {
		r.pending = nil
		p.Flush(r)
	}
}

func (r *Recorder) value(t Tensor) *value {
	if t.of != r || !t.Valid() {
		return nil
	}
	return &r.values[t.id]
}

// Dispatch records d after everything recorded so far.
func (r *Recorder) Dispatch(d Dispatch) {
	if r.flush(); r.err != nil {
		return
	}
	m, ok := spirv.Lookup(d.Module)
	if !ok {
		panic("runtime: no shader module " + d.Module)
	}
	if err := r.check(&d, m); err != nil {
		r.Fail(fmt.Errorf("runtime: %s: %w", d.Op, err))
		return
	}
	r.endOperation(&d, m)
	at := len(r.nodes)
	for i, b := range d.Bind {
		v := r.value(b.Tensor)
		if v == nil {
			continue
		}
		if m.Bindings[i].Writes && v.first < 0 {
			v.first = at
		}
		v.last = at
	}
	if d.Bytes == 0 {
		d.Bytes = traffic(&d, m)
	}
	r.nodes = append(r.nodes, node{Dispatch: d, module: m, scope: r.path()})
}

// traffic is the bytes that d reads and writes if it touches each bound element
// once. What is bound twice is so for want of something else to bind.
func traffic(d *Dispatch, m *spirv.Module) (bytes uint64) {
	for i, b := range d.Bind {
		ways := uint64(0)
		if m.Bindings[i].Reads && !slices.Contains(d.Bind[:i], b) {
			ways++
		}
		if m.Bindings[i].Writes {
			ways++
		}
		bytes += ways * uint64(b.Count*b.Tensor.dtype.Size())
	}
	return bytes
}

// endOperation has the epilogue of the operation before next, unless next goes
// on writing the same value, as a part of the same operation does. A nil next
// is the end of the program.
func (r *Recorder) endOperation(next *Dispatch, m *spirv.Module) {
	if r.epilogue == nil {
		return
	}
	var writes []Tensor
	if next != nil {
		for i, b := range next.Bind {
			if v := r.value(b.Tensor); v != nil && m.Bindings[i].Writes {
				writes = append(writes, v.tensor)
			}
		}
	}
	if next != nil && slices.Equal(writes, r.written) {
		return
	}
	end, ended, scope := r.epilogue, r.written, r.scope
	r.epilogue, r.scope = nil, r.writer
	for _, y := range ended {
		end(r, y)
	}
	r.epilogue, r.scope = end, scope
	r.written, r.writer = writes, slices.Clone(scope)
}

// check holds d against its module and the device's limits.
func (r *Recorder) check(d *Dispatch, m *spirv.Module) error {
	l := &r.dev.info.Limits
	if len(d.Bind) != len(m.Bindings) || len(d.Push)*4 != m.PushBytes {
		panic(fmt.Sprintf("runtime: %s: %d bindings and %d bytes of push constants, module %s has %d and %d",
			d.Op, len(d.Bind), len(d.Push)*4, m.Name, len(m.Bindings), m.PushBytes))
	}
	for i := range d.Groups {
		if d.Groups[i] == 0 && i > 0 {
			d.Groups[i] = 1
		}
		if n := d.Groups[i]; n < 1 || n > int(l.MaxWorkgroupCount[i]) {
			return fmt.Errorf("%d workgroups in dimension %d, the device allows 1 to %d", n, i, l.MaxWorkgroupCount[i])
		}
	}
	storage := 0
	for _, b := range m.Bindings {
		if b.Type == vk.StorageBuffer {
			storage++
		}
	}
	if storage > int(l.MaxStorageBuffersPerStage) {
		return fmt.Errorf("shader %s binds %d storage buffers, the device allows %d", m.Name, storage, l.MaxStorageBuffersPerStage)
	}
	for i, b := range d.Bind {
		t := b.Tensor
		if !t.Valid() || t.at == nil && t.of != r {
			return fmt.Errorf("binding %d: %v is not a value of this program", i, t)
		}
		if t.at != nil && t.at.block == nil && !r.ahead {
			return fmt.Errorf("binding %d: %v has no memory", i, t)
		}
		if b.Count == 0 {
			b.Count = t.Elems() - b.First
			d.Bind[i] = b
		}
		if b.First < 0 || b.Count < 1 || b.First+b.Count > t.Elems() {
			return fmt.Errorf("binding %d: elements %d to %d of %v", i, b.First, b.First+b.Count, t)
		}
		if uint64(b.First*t.dtype.Size())%r.dev.alignment() != 0 {
			return fmt.Errorf("binding %d: element %d is not at a multiple of %d bytes", i, b.First, r.dev.alignment())
		}
		if v := r.value(t); v != nil && m.Bindings[i].Reads && !m.Bindings[i].Writes && v.kind != input && v.first < 0 {
			why := v.why
			if why == "" {
				why = "nothing has written it"
			}
			return fmt.Errorf("binding %d: %v is read, but %s", i, t, why)
		}
		size := uint64(b.Count * t.dtype.Size())
		switch m.Bindings[i].Type {
		case vk.UniformTexelBuffer:
			if n := size / TexelBytes; n > l.MaxTexelBufferElements {
				return fmt.Errorf("binding %d: %v has %d texels, the device allows %d", i, t, n, l.MaxTexelBufferElements)
			}
		default:
			if size > l.MaxStorageBufferRange {
				return fmt.Errorf("binding %d: %v takes %s, the device binds at most %s: a smaller batch may fit", i, t, MiB(size), MiB(l.MaxStorageBufferRange))
			}
		}
	}
	return nil
}

// TexelBytes is the size of a texel: kernels read vec4 of f32, or four words
// that hold elements of other types, which they take apart themselves.
const TexelBytes = 16

func texelFormat(t DType) vk.Format {
	if t == F32 {
		return vk.FormatRGBA32F
	}
	return vk.FormatRGBA32UI
}

// Finish plans, allocates and records the program. The Recorder must not be
// used afterwards.
func (r *Recorder) Finish() (*Program, error) {
	if err := r.end(); err != nil {
		return nil, err
	}
	p, err := newProgram(r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.name, err)
	}
	return p, nil
}

// Compile has the driver make the pipelines of the program, and nothing else.
// The Recorder must not be used afterwards.
func (r *Recorder) Compile() error {
	if err := r.end(); err != nil {
		return err
	}
	if _, err := r.dev.pipes.all(r.nodes); err != nil {
		return fmt.Errorf("%s: %w", r.name, err)
	}
	return nil
}

// end records what is pending and says whether the program is whole.
func (r *Recorder) end() error {
	r.flush()
	r.endOperation(nil, nil)
	for _, o := range r.outputs {
		if v := &r.values[o.id]; v.first < 0 {
			r.failf("output %q: nothing writes it", o.name)
		}
	}
	if r.err == nil && len(r.nodes) == 0 {
		r.err = errors.New("runtime: the program is empty")
	}
	if r.err != nil {
		return fmt.Errorf("%s: %w", r.name, r.err)
	}
	return nil
}
