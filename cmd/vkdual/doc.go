// Command vkdual runs HuggingFace VisionTextDualEncoder models on Vulkan
// devices: embeddings, labels for pictures, and the bare model, tensor in,
// tensor out.
//
// Results go to standard output (or to the file of -o), everything else to
// standard error. The exit status is 0, 1 where some input failed, 2 for a
// command line that cannot be followed, 130 after an interrupt.
//
// A command is a struct of flags with a Run method, one in a file; it is thin:
// what it does is package dualencoder's.
package main
