package runtime

import (
	"bytes"
	"fmt"
	"sync"

	"github.com/vkdual/vkdual/spirv"
	"github.com/vkdual/vkdual/vk"
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

func (p *pipelines) get(m *spirv.Module, d *Dispatch) (*pipeline, error) {
	key := fmt.Sprint(m.Name, d.Spec, d.Subgroup)
	p.mu.Lock()
	defer p.mu.Unlock()
	if l := p.made[key]; l != nil {
		return l, nil
	}
	mod, err := p.module(m)
	if err != nil {
		return nil, fmt.Errorf("runtime: shader %s: %w", m.Name, err)
	}
	h, err := p.dev.vk.CreateComputePipeline(vk.PipelineInfo{
		Module: mod.shader, Layout: mod.layout, Cache: p.cache, Spec: d.Spec,
		SubgroupSize: d.Subgroup, FullSubgroups: d.Subgroup != 0 && p.dev.info.Features.ComputeFullSubgroups,
	})
	if err != nil {
		return nil, fmt.Errorf("runtime: pipeline %s: %w", key, p.dev.fail(err))
	}
	l := &pipeline{mod, h}
	p.made[key] = l
	return l, nil
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
		v.DestroyPipeline(l.handle)
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
