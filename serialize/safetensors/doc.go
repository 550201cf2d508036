// Package safetensors reads and writes the safetensors format: eight bytes with
// the length of a JSON header, the header, then the tensors' bytes without gaps
// (https://github.com/huggingface/safetensors#format).
//
// A [File] is read from a memory-mapped file ([Open]), a file of an fs.FS
// ([OpenFS]) or bytes at hand ([Parse]). Its [Tensor] values point into
// that memory: nothing is copied until [Float32s] or [Int64s] converts a range
// of elements. Every layout fault (see [Error]) is found when the file is
// opened, so that a tensor once returned has as many bytes as its shape
// says. [Write] and [WriteFile] produce the same bytes as the format's own library,
// [WriteStreams] those of tensors that are made while they are written.
//
// A File may be used by any number of goroutines at once until Close; no tensor
// of it may be touched after Close. As with every mapping, a file that
// somebody else shortens while it is open ends the process: files are to be
// replaced by renaming, which is what WriteFile does.
package safetensors
