package runtime

import (
	"context"
	"fmt"
	"time"

	"github.com/vkdual/vkdual/vk"
)

// RunStats tell of a program and of its last run.
type RunStats struct {
	Host  time.Duration // of the last Run, without waiting for the device
	Total time.Duration // of the last Run

	Dispatches  int
	FLOPs       float64 // of one run, as estimated by the operations
	DeviceBytes uint64  // temporaries, inputs and outputs
	BoundBytes  uint64  // the least that temporaries, inputs and outputs need
}

// Stats tell of the program and of its last run.
func (p *Program) Stats() RunStats {
	s := p.stats
	s.Dispatches, s.FLOPs = len(p.nodes), p.flops
	s.DeviceBytes, s.BoundBytes = p.plan.scratch+p.plan.io, p.plan.bound+p.plan.io
	return s
}

// Run runs the program over what Input's memory holds and waits until Output's
// memory holds the result. A program that was begun is finished even when ctx
// ends meanwhile, since the device works on its memory.
func (p *Program) Run(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	t0 := time.Now()
	if err := p.dev.submit(p.cbs, p.fence); err != nil {
		return fmt.Errorf("runtime: run %s: %w", p.name, err)
	}
	t1 := time.Now()
	if err := p.dev.wait(p.fence); err != nil {
		return fmt.Errorf("runtime: run %s: %w", p.name, err)
	}
	t2 := time.Now()
	if p.timers != 0 {
		if err := p.profiled(t0, t1, t2); err != nil {
			return fmt.Errorf("runtime: run %s: timestamps: %w", p.name, err)
		}
	}
	p.stats.Host = t1.Sub(t0) + time.Since(t2)
	p.stats.Total = time.Since(t0)
	return ctx.Err()
}

// submit hands the command buffers to the queue, each in a submit of its own;
// the fence is signalled after the last.
func (d *Device) submit(cbs []vk.CommandBuffer, f vk.Fence) error {
	d.queue.Lock()
	defer d.queue.Unlock()
	if d.lost != nil {
		return d.lost
	}
	if err := d.vk.ResetFence(f); err != nil {
		return d.fail(err)
	}
	for i := range cbs {
		var last vk.Fence
		if i == len(cbs)-1 {
			last = f
		}
		if err := d.vk.Submit(cbs[i:i+1], last); err != nil {
			return d.fail(err)
		}
	}
	return nil
}

// wait returns when f is signalled; a device that is lost signals it or says so.
func (d *Device) wait(f vk.Fence) error {
	for {
		done, err := d.vk.WaitFence(f, time.Second)
		if err != nil {
			d.queue.Lock()
			defer d.queue.Unlock()
			return d.fail(err)
		}
		if done {
			return nil
		}
	}
}

func (d *Device) submitAndWait(cbs []vk.CommandBuffer, f vk.Fence) error {
	if err := d.submit(cbs, f); err != nil {
		return err
	}
	return d.wait(f)
}
