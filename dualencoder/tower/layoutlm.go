package tower

import (
	"github.com/vkdual/vkdual/dualencoder/config"
	"github.com/vkdual/vkdual/dualencoder/weights"
	"github.com/vkdual/vkdual/ops"
)

// newLayoutLM is Xu et al., "LayoutLM: Pre-training of Text and Layout for
// Document Image Understanding", 2019: a BERT whose tokens have a box on a page.
// VisionTextDualEncoder gives no boxes, and transformers then puts every token
// into the corner: left, upper, right, lower, height and width 0.
func newLayoutLM(w weights.Scope, c *config.LayoutLM) bert {
	w.Sub("embeddings").Order("word_embeddings", "position_embeddings", "x_position_embeddings", "y_position_embeddings", "h_position_embeddings", "w_position_embeddings")
	b := newBERT(w, &c.BERT)
	b.embeddings.relative = false // positions are added even where distances count
	b.limits.Positions = c.MaxPositions
	e := w.Sub("embeddings")
	table := func(name string) ops.Table {
		return e.Table(name+"_position_embeddings.weight", c.PagePositions, c.HiddenSize)
	}
	x, y := table("x"), table("y")
	b.embeddings.same = []ops.Table{x, y, x, y, table("h"), table("w")}
	return b
}
