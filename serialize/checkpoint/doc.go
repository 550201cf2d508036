// Package checkpoint finds the weights in a checkpoint folder as HuggingFace's
// libraries write it: model.safetensors, or the shards that
// model.safetensors.index.json lists. [Weights] is one table of names over
// them; a shard is mapped when a tensor of it is first looked up.
//
// Weights may be used by any number of goroutines at once until Close; the
// tensors point into mapped files and are void after it.
package checkpoint
