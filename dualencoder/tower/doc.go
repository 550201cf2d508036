// Package tower holds the two halves of a dual encoder: the vision towers and
// the text towers, by the model_type of their config (config.VisionTypes and
// config.TextTypes list them).
//
// A tower is one file that reads like its paper, on the blocks of blocks.go and
// encoder.go. It is built from a config and a [weights.Scope], and then recorded
// by Forward any number of times, once for each shape. Each module enters the
// scope that carries its name in HuggingFace's checkpoints and taps its output,
// so that a recorder made with runtime.WithTaps names the first wrong layer.
//
// To add one: its config in package config, a file here, and a line in each
// package's map.
//
// A tower is not changed after it is built: it may be recorded by many
// goroutines at once.
package tower
