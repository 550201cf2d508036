// Package flax reads the parameters of Flax models: files as
// flax.serialization.to_bytes writes them (flax_model.msgpack), MessagePack with
// nested maps of arrays.
//
// A [File] gives tensors by PyTorch's names and in PyTorch's layouts, as
// transformers does at load_flax_weights_in_pytorch_model: see [ToPyTorch]. Nothing is
// decoded to copies: tensors point into the mapped file, and a transposed one is a
// view. The one exception is an array of more than 1 GiB, which Flax itself
// splits: it is put together each time that it is asked for.
//
// Formats: https://github.com/msgpack/msgpack/blob/master/spec.md and
// https://flax.readthedocs.io/en/latest/api_reference/flax.serialization.html.
//
// A File may be used by any number of goroutines at once until Close; no tensor
// of it may be touched after Close.
package flax
