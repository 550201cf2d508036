package runtime

import (
	"bytes"
	"errors"
	"fmt"
	goruntime "runtime"
	"sync"

	"github.com/vkdual/vkdual/spirv"
	"github.com/vkdual/vkdual/vk"
	"golang.org/x/sync/errgroup"
)

// pipelines makes each pipeline of a device once, and keeps the driver's
// compiled code on disk between processes.
type pipelines struct {
	dev   *Device
	mu    sync.Mutex
	cache vk.PipelineCache
	disk  []byte // what the cache held when it was read
	made  map[string]*pipeline
	mods  map[string]*module
}

// A module is a loaded shader with the layouts that its bindings give.
type module struct {
	shader vk.ShaderModule
	set    vk.DescriptorSetLayout
	layout vk.PipelineLayout
}

type pipeline struct {
	*module
	mu     sync.Mutex // held while the driver compiles
	handle vk.Pipeline
}

const pipelineFile = "pipelines.bin"

func (p *pipelines) init(d *Device) error {
	p.dev, p.made, p.mods = d, map[string]*pipeline{}, map[string]*module{}
	p.disk = d.disk.read(pipelineFile)
	var err error
	if p.cache, err = d.vk.CreatePipelineCache(p.disk); err != nil && p.disk != nil {
		p.disk = nil // the driver refuses what it once wrote
		p.cache, err = d.vk.CreatePipelineCache(nil)
	}
	return err
}

// all makes the pipelines of nodes, those that are new on all cores at once: a
// driver may take most of a second for each.
func (p *pipelines) all(nodes []node) ([]*pipeline, error) {
	made := make([]*pipeline, len(nodes))
	first := map[string]bool{}
	var g errgroup.Group
	g.SetLimit(goruntime.GOMAXPROCS(0))
	for i := range nodes {
		n := &nodes[i]
		l, key, err := p.enter(n.module, &n.Dispatch)
		if err != nil {
			return nil, errors.Join(err, g.Wait())
		}
		made[i] = l
		if !first[key] {
			first[key] = true
			g.Go(func() error { return p.compile(l, key, &n.Dispatch) })
		}
	}
	return made, g.Wait()
}

// enter finds or begins the pipeline of a dispatch.
func (p *pipelines) enter(m *spirv.Module, d *Dispatch) (*pipeline, string, error) {
	key := fmt.Sprint(m.Name, d.Spec, d.Subgroup)
	p.mu.Lock()
	defer p.mu.Unlock()
	if l := p.made[key]; l != nil {
		return l, key, nil
	}
	mod, err := p.module(m)
	if err != nil {
		return nil, key, fmt.Errorf("runtime: shader %s: %w", m.Name, err)
	}
	l := &pipeline{module: mod}
	p.made[key] = l
	return l, key, nil
}

// compile has the driver make l, or waits for who is at it.
func (p *pipelines) compile(l *pipeline, key string, d *Dispatch) (err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.handle != 0 {
		return nil
	}
	l.handle, err = p.dev.vk.CreateComputePipeline(vk.PipelineInfo{
		Module: l.shader, Layout: l.layout, Cache: p.cache, Spec: d.Spec,
		SubgroupSize: d.Subgroup, FullSubgroups: d.Subgroup != 0 && p.dev.info.Features.ComputeFullSubgroups,
	})
	if err != nil {
		p.dev.queue.Lock() // it guards what fail notes
		defer p.dev.queue.Unlock()
		return fmt.Errorf("runtime: pipeline %s: %w", key, p.dev.fail(err))
	}
	return nil
}

func (p *pipelines) module(m *spirv.Module) (_ *module, err error) {
	if mod := p.mods[m.Name]; mod != nil && mod.layout != 0 {
		return mod, nil
	}
	v, mod := p.dev.vk, &module{}
	if mod.shader, err = v.CreateShaderModule(m.Code()); err != nil {
		return nil, err
	}
	p.mods[m.Name] = mod // from here on close frees what there is
	types := make([]vk.DescriptorType, len(m.Bindings))
	for i, b := range m.Bindings {
		types[i] = b.Type
	}
	if mod.set, err = v.CreateDescriptorSetLayout(types); err != nil {
		return nil, err
	}
	mod.layout, err = v.CreatePipelineLayout(mod.set, uint32(m.PushBytes))
	return mod, err
}

// Pipelines is how many pipelines the device has been asked for.
func (d *Device) Pipelines() int {
	d.pipes.mu.Lock()
	defer d.pipes.mu.Unlock()
	return len(d.pipes.made)
}

// save writes the driver's cache to disk if it has grown.
func (p *pipelines) save() {
	b, err := p.dev.vk.PipelineCacheData(p.cache)
	if err != nil || bytes.Equal(b, p.disk) {
		return
	}
	p.dev.disk.write(pipelineFile, b)
	p.disk = b
}

func (p *pipelines) close() {
	if p.dev == nil {
		return
	}
	v := p.dev.vk
	if p.cache != 0 {
		p.save()
		v.DestroyPipelineCache(p.cache)
	}
	for _, l := range p.made {
		if l.handle != 0 {
			v.DestroyPipeline(l.handle)
		}
	}
	for _, m := range p.mods {
		if m.layout != 0 {
			v.DestroyPipelineLayout(m.layout)
		}
		if m.set != 0 {
			v.DestroyDescriptorSetLayout(m.set)
		}
		v.DestroyShaderModule(m.shader)
	}
	p.dev = nil
}
