// Package ops holds the operations that models are written in. Each appends
// its dispatches to a runtime.Recorder and returns the tensor that they write;
// a wrong shape goes to the recorder's sticky error.
//
// An operation is a trio under one name: ops/embed.go, shaders/embed.comp and
// ops/ref/embed.go, the last being plain Go in float64 and the oracle of the
// kernel. Where several kernels do one operation (linear, attention, layer
// norm), the fastest that this device can run is chosen, see Kernels.
//
// Bias, activation and residual fuse into the linear layer before them:
//
//	y := ops.Add(r, x, ops.Linear(r, h, m)) // one dispatch
//
// A Recorder made with Computing rounds the result of each operation to f16 or
// bf16, for all operations in one place.
//
// Functions may be called from several goroutines with different Recorders.
package ops
