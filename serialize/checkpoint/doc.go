// Package checkpoint finds the weights in a checkpoint folder as HuggingFace's
// libraries write it, in any of their forms: safetensors, PyTorch's .bin, Flax's msgpack,
// TensorFlow's h5, each in one file or in shards that an index lists. Of several in one folder
// the first in that order is read, as transformers does. [Weights] is one table of
// PyTorch's names over them; a shard is mapped when a tensor of it is first looked up.
// [Save] writes such a folder's weights, as safetensors.
//
// Weights may be used by any number of goroutines at once until Close; the
// tensors point into mapped files and are void after it.
package checkpoint
