package runtime

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"github.com/vkdual/vkdual/vk"
)

// Options say which device to open and how.
type Options struct {
	Device   string // an index, a part of a name, or "": the best one
	CacheDir string // where compiled pipelines and kernel choices are kept; "": the user's cache folder, "off": nowhere
	Switches Switches
	Log      *slog.Logger // nil: discard
	Trace    *Trace       // nil: none; otherwise gets every run's spans
}

func (o Options) instance(message func(vk.Message)) vk.Options {
	return vk.Options{AppName: "vkdual", Validate: o.Switches.Validate, OnMessage: message}
}

// A Device is an opened Vulkan device. It is safe for concurrent use. Close it
// after everything that was made with it.
type Device struct {
	instance *vk.Instance
	vk       *vk.Device
	probed   *vk.Info
	info     vk.Info // what was probed, less what is switched off
	index    int
	why      string
	switches Switches
	log      *slog.Logger
	disk     diskCache
	memory   memory
	pipes    pipelines
	trace    *Trace
	profile  profile

	queue   sync.Mutex // submits are externally synchronised
	lost    error      // set once the device is lost; guarded by queue
	submits int        // so far; guarded by queue

	values sync.Map // see Value

	messages struct {
		sync.Mutex
		list []vk.Message
	}
}

// ErrDeviceLost is reported by every call after the driver lost the device.
var ErrDeviceLost = errors.New("runtime: the device was lost")

// Open opens the device that o asks for.
func Open(o Options) (_ *Device, err error) {
	d := &Device{switches: o.Switches, log: o.Log, trace: o.Trace}
	d.switches.Profile = d.switches.Profile || o.Trace != nil
	if d.log == nil {
		d.log = slog.New(slog.DiscardHandler)
	}
	d.instance, err = vk.Open(o.instance(d.message))
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			d.Close()
		}
	}()
	all, err := d.instance.PhysicalDevices()
	if err != nil {
		return nil, err
	}
	cs, err := candidates(all, o.Device)
	if err != nil {
		return nil, err
	}
	picked := 0
	for i, c := range cs {
		if c.Picked {
			picked++
			d.index, d.why = i, c.Why
		}
	}
	if picked != 1 {
		return nil, &DeviceListError{o.Device, fmt.Sprintf("these are %d, and one is wanted here", picked)}
	}
	d.probed = all[d.index].Info()
	d.info = o.Switches.mask(*d.probed)
	d.trace.device(d)
	d.vk, err = all[d.index].Open(d.wanted())
	if err != nil {
		return nil, fmt.Errorf("runtime: open %s: %w", d.info.Name, err)
	}
	d.disk = openDiskCache(o.CacheDir, &d.info, d.log)
	d.memory.init(d)
	if err := d.pipes.init(d); err != nil {
		return nil, err
	}
	return d, nil
}

// wanted are the probed features that some shader can use.
func (d *Device) wanted() vk.Features {
	return vk.Features{
		ShaderFloat16:        d.info.Features.ShaderFloat16,
		StorageBuffer16Bit:   d.info.Features.StorageBuffer16Bit,
		SubgroupSizeControl:  d.info.Features.SubgroupSizeControl,
		ComputeFullSubgroups: d.info.Features.ComputeFullSubgroups,
		CooperativeMatrix:    d.info.Features.CooperativeMatrix,
		IntegerDotProduct:    d.info.Features.IntegerDotProduct,
	}
}

// Close frees the device. Its arenas and programs must be closed before.
func (d *Device) Close() {
	if d == nil {
		return
	}
	if d.vk != nil {
		d.queue.Lock()
		_ = d.vk.WaitIdle() // a lost device is reported where it was lost
		d.queue.Unlock()
		d.pipes.close()
		d.memory.close()
		d.vk.Close()
	}
	if d.instance != nil {
		d.instance.Close()
	}
	d.vk, d.instance = nil, nil
}

// Info is what was probed of the device, less the capabilities switched off.
// It must not be changed.
func (d *Device) Info() *vk.Info { return &d.info }

// Probed is what was probed of the device, with what is switched off. It must
// not be changed.
func (d *Device) Probed() *vk.Info { return d.probed }

// Index is the device's number in List.
func (d *Device) Index() int { return d.index }

// Why says why this device was picked.
func (d *Device) Why() string { return d.why }

// Log is where the device reports.
func (d *Device) Log() *slog.Logger { return d.log }

// Switches are the diagnostic settings the device was opened with.
func (d *Device) Switches() Switches { return d.switches }

func (d *Device) message(m vk.Message) {
	d.messages.Lock()
	d.messages.list = append(d.messages.list, m)
	d.messages.Unlock()
	d.log.Warn("validation", "id", m.ID, "text", m.Text)
}

// Messages are what the validation layer has said so far.
func (d *Device) Messages() []vk.Message {
	d.instance.Messages()
	d.messages.Lock()
	defer d.messages.Unlock()
	return append([]vk.Message(nil), d.messages.list...)
}

// Value returns the one value of this device under key, made by the first call.
// Packages above keep what they know of a device here (kernel choices, for
// instance), so that they need no globals.
func Value[T any](d *Device, key any, make func() T) T {
	type once struct {
		sync.Once
		v T
	}
	e, _ := d.values.LoadOrStore(key, new(once))
	o := e.(*once)
	o.Do(func() { o.v = make() })
	return o.v
}

// fail notes a lost device and returns err with it.
func (d *Device) fail(err error) error {
	if errors.Is(err, vk.ErrorDeviceLost) {
		d.lost = fmt.Errorf("%w: %w", ErrDeviceLost, err)
		return d.lost
	}
	return err
}

// Lose has every later run report ErrDeviceLost, as after a fault of the driver:
// a way to try what goes on without the device.
func (d *Device) Lose() {
	d.queue.Lock()
	defer d.queue.Unlock()
	_ = d.fail(vk.ErrorDeviceLost)
}
