// Package runtime runs tensor programs on one Vulkan device. It knows buffers,
// shaders and time, and nothing of neural networks.
//
// The few types:
//
//   - Device is an opened GPU or software driver with its caches.
//   - Arena holds long-lived tensors (weights); only the arena frees them.
//   - Tensor is a value: a dtype, a shape and where the elements will be. It owns nothing.
//   - Recorder collects dispatches. Its first error sticks: later calls do
//     nothing, and Finish reports it with the path of the scope it arose in.
//   - Program is what Finish returns: temporaries placed by liveness in one
//     allocation, barriers derived from what each shader reads and writes,
//     command buffers recorded once. Run costs microseconds of host time.
//
// Concurrency: a Device may be used from several goroutines. An Arena, a
// Recorder and a Program belong to one goroutine at a time; different Programs
// of one Device may run from different goroutines, the queue takes them in turn.
//
// Nothing here is freed by the garbage collector: who opened, closes.
package runtime
