package tower

import (
	"strings"

	"github.com/vkdual/vkdual/dualencoder/config"
	"github.com/vkdual/vkdual/dualencoder/weights"
)

// newIBERT is Kim et al., "I-BERT: Integer-only BERT Quantization", 2021, before
// it is quantised: a RoBERTa. What the quantisation would need is in the file.
func newIBERT(w weights.Scope, c *config.BERT) roBERTa {
	w.SpareLike(func(name string) bool {
		for _, buffer := range []string{"act_scaling_factor", "x_min", "x_max", "shift", "weight_integer", "weight_scaling_factor", "bias_integer", "fc_scaling_factor"} {
			if strings.HasSuffix(name, "."+buffer) {
				return true
			}
		}
		return false
	})
	return newRoBERTa(w, c)
}
