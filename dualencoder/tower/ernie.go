package tower

import (
	"github.com/vkdual/vkdual/dualencoder/config"
	"github.com/vkdual/vkdual/dualencoder/weights"
)

// newERNIE is Sun et al., "ERNIE 2.0: A Continual Pre-training Framework for
// Language Understanding", 2019: a BERT whose tokens may carry a task, always
// the first here, as when transformers is not told another.
func newERNIE(w weights.Scope, c *config.ERNIE) bert {
	w.Sub("embeddings").Order("word_embeddings", "position_embeddings", "token_type_embeddings", "task_type_embeddings")
	b := newBERT(w, &c.BERT)
	if c.TaskTypes > 0 {
		b.embeddings.same = append(b.embeddings.same, w.Sub("embeddings").Table("task_type_embeddings.weight", c.TaskTypes, c.HiddenSize))
	}
	return b
}
