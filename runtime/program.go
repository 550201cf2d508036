package runtime

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vkdual/vkdual/vk"
)

// A Program is a recorded plan: it runs many times at the cost of a submit. It
// belongs to one goroutine at a time.
type Program struct {
	dev     *Device
	name    string
	values  []value
	nodes   []node
	inputs  []named
	outputs []named
	plan    plan

	scratch *block // temporaries; nil when there are none
	io      *block // inputs and outputs, as shaders see them
	host    *block // the same for the host; io itself where memory is shared

	sets   vk.DescriptorPool
	views  map[viewKey]vk.BufferView
	pool   vk.CommandPool
	cbs    []vk.CommandBuffer // one submit each
	fence  vk.Fence
	timers vk.QueryPool // see timestamps; 0 unless profiling
	ticks  []uint64

	barriers int
	flops    float64
	stats    RunStats
}

type viewKey struct {
	buffer       vk.Buffer
	format       vk.Format
	offset, size uint64
}

// Default bounds of the estimated work in one submit: some tenths of a second on
// slow devices of the kind, of which a watchdog allows two or more. A software
// driver has none.
var submitFLOPs = map[vk.DeviceType]float64{
	vk.DiscreteGPU: 200e9, vk.IntegratedGPU: 30e9, vk.VirtualGPU: 100e9, vk.Other: 30e9, vk.CPU: 1e15,
}

// SubmitFLOPs is the most estimated work of one submit. A program is split
// between dispatches: an operation that may be longer than this splits its own.
func (d *Device) SubmitFLOPs() float64 {
	if most := d.switches.SubmitFLOPs; most != 0 {
		return most
	}
	return submitFLOPs[d.info.Type]
}

func newProgram(r *Recorder) (_ *Program, err error) {
	d := r.dev
	p := &Program{
		dev: d, name: r.name, values: r.values, nodes: r.nodes, inputs: r.inputs, outputs: r.outputs,
		plan:  newPlan(r.values, len(r.nodes), d.alignment(), !d.switches.NoAliasing),
		views: map[viewKey]vk.BufferView{},
	}
	defer func() {
		if err != nil {
			p.Close()
		}
	}()
	if p.plan.scratch > 0 {
		if p.scratch, err = d.memory.tensors(r.name+": temporaries", p.plan.scratch); err != nil {
			return nil, err
		}
	}
	if p.io, err = d.memory.tensors(r.name+": inputs and outputs", p.plan.io); err != nil {
		return nil, err
	}
	p.host = p.io
	if !d.memory.shared {
		if p.host, err = d.memory.hosts(r.name+": inputs and outputs", p.plan.io); err != nil {
			return nil, err
		}
	}
	for i := range p.values {
		if b := p.values[i].data; b != nil {
			copy(p.host.mapped[p.plan.offset[i]:], b)
			p.values[i].data = nil
		}
	}
	if d.switches.Profile && !r.untimed && d.info.TimestampBits > 0 {
		if p.timers, err = d.vk.CreateQueryPool(uint32(p.timestamps())); err != nil {
			return nil, err
		}
		p.ticks = make([]uint64, p.timestamps())
	}
	return p, p.record()
}

// Close frees the program's memory.
func (p *Program) Close() {
	if p == nil || p.dev == nil {
		return
	}
	v := p.dev.vk
	p.dev.freeCommands(p.pool, p.fence)
	for _, w := range p.views {
		v.DestroyBufferView(w)
	}
	if p.sets != 0 {
		v.DestroyDescriptorPool(p.sets)
	}
	if p.timers != 0 {
		v.DestroyQueryPool(p.timers)
	}
	if p.host != p.io {
		p.dev.memory.free(p.host)
	}
	p.dev.memory.free(p.io)
	p.dev.memory.free(p.scratch)
	p.dev = nil
}

// locate is where a binding lies.
func (p *Program) locate(b Binding) (blk *block, offset, size uint64) {
	t := b.Tensor
	if t.at != nil {
		blk, offset = t.at.block, t.at.offset
	} else {
		blk, offset = p.io, p.plan.offset[t.id]
		if p.values[t.id].kind == temporary {
			blk = p.scratch
		}
	}
	size = (uint64(b.Count*t.dtype.Size()) + 3) &^ 3
	return blk, offset + uint64(b.First*t.dtype.Size()), size
}

// record writes descriptor sets and command buffers.
func (p *Program) record() error {
	d, v := p.dev, p.dev.vk
	pipes, err := d.pipes.all(p.nodes)
	if err != nil {
		return err
	}
	layouts := make([]vk.DescriptorSetLayout, len(p.nodes))
	counts := map[vk.DescriptorType]uint32{}
	for i := range p.nodes {
		n := &p.nodes[i]
		layouts[i] = pipes[i].set
		for _, b := range n.module.Bindings {
			counts[b.Type]++
		}
	}
	if p.sets, err = v.CreateDescriptorPool(uint32(len(p.nodes)), counts); err != nil {
		return err
	}
	sets, err := v.AllocateDescriptorSets(p.sets, layouts)
	if err != nil {
		return err
	}
	if p.pool, err = v.CreateCommandPool(); err != nil {
		return err
	}
	if p.fence, err = v.CreateFence(); err != nil {
		return err
	}

	most := d.SubmitFLOPs()
	var (
		streams []vk.Stream
		c       vk.Stream
		held    hazards
		spans   []span
		writes  []vk.DescriptorWrite
		since   float64
	)
	p.before(&c)
	for i := range p.nodes {
		n := &p.nodes[i]
		spans = spans[:0]
		for j, b := range n.Bind {
			m := n.module.Bindings[j]
			blk, offset, size := p.locate(b)
			spans = append(spans, span{blk.buffer, offset, offset + size, m.Writes})
			w := vk.DescriptorWrite{Set: sets[i], Binding: uint32(j), Type: m.Type, Buffer: blk.buffer, Offset: offset, Range: size}
			if m.Type == vk.UniformTexelBuffer {
				if w.View, err = p.view(blk.buffer, texelFormat(b.Tensor.dtype), offset, size); err != nil {
					return err
				}
			}
			writes = append(writes, w)
		}
		if held.need(spans) {
			c.Barrier(vk.StageCompute, vk.StageCompute, vk.AccessShaderWrite, vk.AccessShaderRead|vk.AccessShaderWrite)
			held.clear()
			p.barriers++
		}
		held.touch(spans)
		if since > 0 && since+n.FLOPs > most {
			streams, c, since = append(streams, c), vk.Stream{}, 0
		}
		since += n.FLOPs
		p.flops += n.FLOPs
		c.BindPipeline(pipes[i].handle)
		c.BindSet(pipes[i].layout, sets[i])
		c.PushWords(pipes[i].layout, n.Push)
		c.Dispatch(uint32(n.Groups[0]), uint32(n.Groups[1]), uint32(n.Groups[2]))
		if p.timers != 0 {
			c.Timestamp(p.timers, uint32(timeFirst+i), vk.StageCompute)
		}
	}
	p.after(&c)
	if p.timers != 0 {
		c.Timestamp(p.timers, uint32(timeFirst+len(p.nodes)), vk.StageTransfer)
	}
	streams = append(streams, c)
	if err := v.UpdateDescriptorSets(writes); err != nil {
		return err
	}
	if p.cbs, err = v.AllocateCommandBuffers(p.pool, len(streams)); err != nil {
		return err
	}
	for i := range streams {
		if err := v.Record(p.cbs[i], &streams[i], false); err != nil {
			return err
		}
	}
	return nil
}

// before brings the inputs to the device.
func (p *Program) before(c *vk.Stream) {
	if p.timers != 0 {
		c.ResetQueries(p.timers, 0, uint32(len(p.ticks)))
		c.Timestamp(p.timers, timeBegin, vk.StageTransfer)
	}
	copies := p.host != p.io && p.plan.inputs > 0
	if copies {
		c.CopyBuffer(p.host.buffer, p.io.buffer, 0, 0, p.plan.inputs)
	}
	if p.dev.switches.Poison {
		const nan = 0xffffffff
		if p.scratch != nil {
			c.FillBuffer(p.scratch.buffer, 0, p.scratch.size, nan)
		}
		if out := p.plan.io - p.plan.inputs; out > 0 {
			c.FillBuffer(p.io.buffer, p.plan.inputs, out, nan)
		}
	}
	if copies || p.dev.switches.Poison {
		c.Barrier(vk.StageTransfer, vk.StageCompute, vk.AccessTransferWrite, vk.AccessShaderRead|vk.AccessShaderWrite)
	}
	if p.timers != 0 {
		c.Timestamp(p.timers, timeStart, vk.StageCompute)
	}
}

// after brings the outputs to the host.
func (p *Program) after(c *vk.Stream) {
	out := p.plan.io - p.plan.inputs
	if p.host == p.io || out == 0 {
		c.Barrier(vk.StageCompute, vk.StageHost, vk.AccessShaderWrite, vk.AccessHostRead)
		return
	}
	c.Barrier(vk.StageCompute, vk.StageTransfer, vk.AccessShaderWrite, vk.AccessTransferRead)
	c.CopyBuffer(p.io.buffer, p.host.buffer, p.plan.inputs, p.plan.inputs, out)
	c.Barrier(vk.StageTransfer, vk.StageHost, vk.AccessTransferWrite, vk.AccessHostRead)
}

func (p *Program) view(b vk.Buffer, f vk.Format, offset, size uint64) (vk.BufferView, error) {
	k := viewKey{b, f, offset, size}
	if w, ok := p.views[k]; ok {
		return w, nil
	}
	w, err := p.dev.vk.CreateBufferView(b, f, offset, size)
	if err == nil {
		p.views[k] = w
	}
	return w, err
}

// find returns the value named so among inputs or outputs.
func (p *Program) find(list []named, name string) (Tensor, []byte) {
	i := slices.IndexFunc(list, func(n named) bool { return n.name == name })
	if i < 0 {
		panic(fmt.Sprintf("runtime: program %s has no input or output %q", p.name, name))
	}
	id := list[i].id
	t := p.values[id].tensor
	at := p.plan.offset[id]
	return t, p.host.mapped[at : at+t.Bytes() : at+t.Bytes()]
}

// Input is the memory of an input, to be written before Run.
func (p *Program) Input(name string) []byte {
	_, b := p.find(p.inputs, name)
	return b
}

// Output is the memory of an output, valid until the next Run.
func (p *Program) Output(name string) []byte {
	_, b := p.find(p.outputs, name)
	return b
}

// OutputShape is the shape of an output.
func (p *Program) OutputShape(name string) []int {
	t, _ := p.find(p.outputs, name)
	return t.Shape()
}

// Outputs are the names of the outputs in the order they were kept.
func (p *Program) Outputs() []string {
	names := make([]string, len(p.outputs))
	for i, o := range p.outputs {
		names[i] = o.name
	}
	return names
}

// String prints the plan: each dispatch with its operands' places, then the totals.
func (p *Program) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "program %s\n", p.name)
	for i := range p.nodes {
		n := &p.nodes[i]
		fmt.Fprintf(&b, "%4d %-28s %-22s %v", i, n.Op, n.Module, n.Groups)
		for j, x := range n.Bind {
			way := "<"
			if n.module.Bindings[j].Writes {
				way = ">"
			}
			fmt.Fprintf(&b, " %s%s", way, p.where(x.Tensor))
		}
		fmt.Fprintf(&b, "  %s\n", n.scope)
	}
	fmt.Fprintf(&b, "%d dispatches, %d barriers, %d submits, %.3g GFLOP; temporaries %s, no plan needs less than %s; inputs and outputs %s\n",
		len(p.nodes), p.barriers, len(p.cbs), p.flops/1e9, MiB(p.plan.scratch), MiB(p.plan.bound), MiB(p.plan.io))
	return b.String()
}

func (p *Program) where(t Tensor) string {
	if t.at != nil {
		return t.at.name
	}
	switch p.values[t.id].kind {
	case input:
		return fmt.Sprintf("in+%d", p.plan.offset[t.id])
	case output:
		return fmt.Sprintf("out+%d", p.plan.offset[t.id]-p.plan.inputs)
	}
	return fmt.Sprintf("t%d+%d", t.id, p.plan.offset[t.id])
}
