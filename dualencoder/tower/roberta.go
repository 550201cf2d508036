package tower

import (
	"github.com/vkdual/vkdual/dualencoder/config"
	"github.com/vkdual/vkdual/dualencoder/weights"
)

// A roBERTa is Liu et al., "RoBERTa: A Robustly Optimized BERT Pretraining
// Approach", 2019, with XLM-RoBERTa (Conneau et al., 2019), CamemBERT (Martin et
// al., 2019) and the text model of data2vec (Baevski et al., 2022): a BERT whose
// positions start after the padding token's id.
type roBERTa struct {
	bert
	pad uint32
}

func newRoBERTa(w weights.Scope, c *config.BERT) roBERTa { return afterPad(c, newBERT(w, c)) }

// afterPad makes b count as RoBERTa does.
func afterPad(c *config.BERT, b bert) roBERTa {
	b.limits = newTextLimits(c)
	if b.limits.Tokens == 0 {
		b.limits.Length = c.MaxPositions - c.PadTokenID - 1
	}
	return roBERTa{b, uint32(c.PadTokenID)}
}

// Positions counts the tokens that are not padding, from pad+1; padding stays
// at position pad.
func (b roBERTa) Positions(dst, ids []uint32) {
	at := b.pad
	for i, id := range ids {
		if id == b.pad {
			dst[i] = b.pad
			continue
		}
		at++
		dst[i] = at
	}
}
