package tower

import (
	"github.com/vkdual/vkdual/dualencoder/config"
	"github.com/vkdual/vkdual/dualencoder/weights"
	"github.com/vkdual/vkdual/runtime"
)

// A chineseCLIPText is the text tower of Yang et al., "Chinese CLIP: Contrastive
// Vision-Language Pretraining in Chinese", 2022: a BERT without its pooler.
type chineseCLIPText struct{ bert }

func newChineseCLIPText(w weights.Scope, c *config.BERT) chineseCLIPText {
	w.Sub("pooler").Spare("dense.weight", "dense.bias") // some files have the one of the BERT that training began with
	return chineseCLIPText{newBERTWithoutPooler(w, c)}
}

func (t chineseCLIPText) Forward(r *runtime.Recorder, in TextInput, want Want) Output {
	return t.encoder.Forward(r, t.embeddings.Forward(r, in), in.Mask, want)
}
