// Package imageprocessor turns pictures into what a vision tower is fed: the
// image half of a HuggingFace processor, driven by preprocessor_config.json.
//
// The types:
//   - [Processor]: one opened configuration. [Open] reads it from a checkpoint's
//     folder, [OpenFS] from any file system, [Parse] from its bytes.
//   - [Pixels]: the float32 tensor [C,H,W] of one picture.
//   - [Source] and [Result]: what [Processor.Stream] reads and returns, a
//     pipeline over all cores that keeps the order and a bounded number of
//     pictures in memory.
//
// Sizes, cropping, order and defaults are those of each processor class of
// transformers 4.37.2; decoding and resampling are Pillow's (package pillow).
// Values are bit-equal to the reference's wherever the decoded picture is.
// Two of its habits are not copied: a picture 1 or 3 pixels high is not taken
// for one with the channels first, and an impossible configuration fails when
// it is opened.
//
// A Processor never changes after it is opened: any number of goroutines may
// use it at once.
package imageprocessor
