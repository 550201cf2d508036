// Package tokenizer turns texts into the token ids that HuggingFace's fast tokenizers give, and back.
//
// [Open] and [OpenFS] read a checkpoint folder: tokenizer.json where there is one, else vocab.txt (WordPiece), else
// vocab.json with merges.txt (byte-level BPE), else a sentencepiece model (Unigram or BPE), together with
// tokenizer_config.json, special_tokens_map.json and added_tokens.json. Which tokenizer a folder holds is told by these files alone. A component that this package does
// not have is refused at opening, by its name; none is ever guessed.
//
//   - [Tokenizer] is what was loaded; it never changes afterwards.
//   - [Options] are one call's padding, truncation and special tokens; the zero value is HuggingFace's default.
//   - [Batch] is the result, in the layout of transformers' BatchEncoding.
//   - [Span] is a range of the input in characters (Unicode code points), as in offset_mapping.
//
// The reference is transformers 4.37.2 with tokenizers 0.15.2, down to the Unicode versions of the tables it was built
// with; components that came later (merges as pairs, Metaspace without add_prefix_space) follow the later library.
// Bytes that are not UTF-8 count as U+FFFD, one for each maximal ill-formed part, as Python's errors="replace" does.
//
// A Tokenizer is safe for use by several goroutines at once.
package tokenizer
