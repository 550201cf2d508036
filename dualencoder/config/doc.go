// Package config reads the config.json of a VisionTextDualEncoder into typed,
// checked values.
//
// Absent keys take the defaults that transformers 4.37.2 gives the class that
// model_type names. Every value is checked before anything runs: an error names
// the file, the path of the key, the value and what is allowed. All problems of
// a file are reported at once.
//
//   - [Config] is the whole file; its Vision and Text are the towers' parts, each
//     of a type of its family: [*ViT], [*BERT] and others, some of which are one of
//     these and more. [VisionTypes] and [TextTypes] are the classes that there are.
//   - [ValueError], [MissingError] and [UnsupportedTowerError] are what can be
//     wrong with one.
//
// A Config is not changed after Parse and may be read by many goroutines.
package config
