// Package defaultmodel is a small VisionTextDualEncoder, compiled into the
// program, for a first try without a download. It names emoji, icons and
// stickers; it knows nothing of photographs. Its files are those of any
// checkpoint folder, see files/README.md.
package defaultmodel

import (
	"embed"
	"io/fs"
)

// Name is what messages call the model.
const Name = "vkdual-emoji-2.5M"

// Limits tells a user what the model is good for.
const Limits = "it names drawn emoji, icons and stickers (1 790 concepts, in English, German, French, Spanish, Italian and Portuguese); it is of no use for photographs"

//go:embed files
var files embed.FS

// FS holds the model's files: config.json, model.safetensors, tokenizer.json,
// tokenizer_config.json, special_tokens_map.json, preprocessor_config.json, and
// its README.md and LICENSE.txt.
func FS() fs.FS {
	sub, err := fs.Sub(files, "files")
	if err != nil {
		panic(err) // the path above is well formed
	}
	return sub
}
