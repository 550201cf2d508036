// Package weights hands a model its parameters by name.
//
// A tower states name and shape where it uses a parameter:
//
//	w := set.Root().Sub("vision_model", "encoder", "layer", 3)
//	w.Sub("layernorm_before").Vector("weight", 768)
//	w.Sub("intermediate", "dense").Linear(3072, 768)
//
// Names are those of HuggingFace's PyTorch checkpoints. Errors are sticky: what
// is missing or misshapen is collected while the model is built, so that model
// code has no error noise, and [Set.Finish] reports all of it with path and
// shapes. Values go row by row from the source to the device; only vectors are
// ever held on the heap.
//
// A Set and its Scopes belong to one goroutine.
package weights
