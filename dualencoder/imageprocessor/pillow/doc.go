// Package pillow decodes and resizes pictures to the same bytes as Pillow 10.
//
// Vision towers are trained on pictures that Pillow decoded and resized; two
// levels of difference in a pixel move an embedding. So this package follows
// Pillow's arithmetic and not merely its idea: libjpeg's inverse transform,
// chroma interpolation and colour matrix, libwebp's, the clipping of 16-bit
// grey, and the two-pass fixed-point resampler.
//
// The types:
//   - [RGB]: 8-bit red, green, blue, rows without padding.
//   - [Picture]: a decoded picture, an RGB or one that becomes so row by row.
//   - [DecodeOptions], [Open], [OpenFile]: bytes to a Picture; [Decode] and
//     [DecodeFile] to RGB. The content decides the format, never the name.
//     Errors are [*DecodeError] and [*TooLargeError].
//   - [Filter], [Resize], [ResizeWindow], [Reduce]: the resampler.
//
// Every function may be called from many goroutines at once, on different
// pictures; an RGB is plain memory and is not locked.
package pillow
