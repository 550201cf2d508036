// Package jpeg decodes JPEG files (ITU-T T.81, baseline, extended sequential
// and progressive, Huffman or arithmetic coding, 8 bits) to the samples that libjpeg-turbo
// gives, bit for bit.
//
// The standard library's decoder is right too, but the format leaves the
// rounding of the inverse transform open, and libjpeg's is what pictures were
// decoded with when models were trained. Broken data is read as libjpeg reads
// it: a wrong code counts as zero, a marker in the middle of a scan leaves the
// rest grey, restart markers are searched for. Data that merely ends is an
// error.
//
// [Decode] returns an [Image]: components at their own resolution, neither
// upsampled nor converted. It may be called from many goroutines at once.
package jpeg
