// Package vk is the project's whole contact with Vulkan: it finds the loader,
// probes the devices, and wraps the few calls that headless compute needs in
// plain Go values and typed errors. It knows nothing of tensors.
//
// The types, in the order in which they are used:
//
//   - [Instance] is a connection to the loader; [Open] makes one.
//   - [PhysicalDevice] is a device that was found, with all that was probed in
//     its [Info].
//   - [Device] is an opened device with one compute queue. Its objects
//     ([Buffer], [Pipeline], …) are plain numbers, zero for none, and are freed
//     only by the Destroy or Free call of their kind: nothing here has a
//     finalizer.
//   - [Stream] is a list of commands as numbers; [Device.Record] turns it into
//     a command buffer with a single crossing into C.
//
// Types, constants and the calls that pass single structs come from
// github.com/vulkan-go/vulkan. Its calls that take slices of structs are not
// used: they leave the C copy of their arguments to a finalizer that may run
// during the call. Those, everything newer than Vulkan 1.0 and the calls of the
// hot path go through C functions of this package that build their structs on
// the C stack.
//
// # Concurrency
//
// An Instance and a PhysicalDevice may be used from several goroutines. The
// methods of a Device that create or destroy may be called at once as long as
// they concern different objects, as in Vulkan itself. The caller must see to
// it that at most one goroutine at a time is in Submit or WaitIdle of a device
// (they use its queue), in calls on one command pool and its buffers, on one
// descriptor pool, or on one fence. A Stream belongs to one goroutine.
package vk
