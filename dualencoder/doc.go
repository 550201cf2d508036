// Package dualencoder runs HuggingFace's VisionTextDualEncoder models on a
// Vulkan device: a vision tower and a text tower that map pictures and texts
// into one space, where what belongs together lies close together. Its relatives
// are models in the same way: CLIP, SigLIP, Chinese-CLIP and AltCLIP.
//
// A folder as save_pretrained writes it is all that is needed:
//
//	dev, err := runtime.Open(runtime.Options{})
//	model, err := dualencoder.Open(dev, "clip-italian", dualencoder.Options{})
//	texts, err := model.EmbedTexts(ctx, []string{"una foto di un gatto"}, dualencoder.EmbedOptions{})
//	images, err := model.EmbedImages(ctx, []string{"cat.jpg"}, dualencoder.EmbedOptions{})
//
// The types:
//
//   - [Model] is a checkpoint on a device. EmbedTexts and EmbedImages give one
//     vector an input; StreamTexts and StreamImages take inputs as they come, and
//     report the error of one and go on with the others. Forward is the model
//     itself: tensors in, every output of HuggingFace's forward out.
//   - [Pool] is one checkpoint on several devices, with the same methods for
//     embedding and classifying; [NewPool] joins models that are open.
//   - [Classifier] tells which of some labels a picture shows.
//   - [Convert] saves a checkpoint of any form as transformers would, and [Create]
//     makes a new one of two towers. Neither needs a device.
//   - [Processor] is the pair of tokenizer and image processor: Process makes of
//     texts and pictures what Forward takes. It works without
//     the model, and each half without the other.
//
// Numbers are those of transformers 4.37.2 in PyTorch, in f32; [Options] has the
// Flax class's instead: its positions, and activations in f16 or bf16.
// Sub-packages hold the parts: config (config.json), weights (parameters by
// name), tower (the models), tokenizer, imageprocessor, and defaultmodel, a small
// model that is compiled in.
//
// A Model, a Pool, a Classifier and a Processor are safe for concurrent use. For each
// shape of a batch a program is recorded once and kept; calls of one shape take
// turns with it, others run side by side. Close a model when no call is running,
// and before its device. Calls end early, with the context's error, between
// batches: what a device has begun, it finishes.
//
// Errors can be told apart with errors.As: what opening reports is
// [ConfigError], [MissingConfigError], [UnsupportedTowerError],
// [MissingWeightError], [WeightShapeError] and [UnusedWeightsError]; what a call
// reports is [InputError], [TruncatedError] and [ErrNotFinite], beside the errors of package
// pillow for pictures.
package dualencoder
