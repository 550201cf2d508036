package ops

import (
	"fmt"

	"github.com/vkdual/vkdual/runtime"
)

// ContrastiveLoss is the mean of the cross entropies of the rows and of the
// columns of logits [N,N], the target of row or column i being i → [1]
// (Radford et al., "Learning Transferable Visual Models From Natural Language
// Supervision", 2021, figure 3).
func ContrastiveLoss(r *runtime.Recorder, logits runtime.Tensor) runtime.Tensor {
	n := logits.Dim(0)
	if !want(r, "ContrastiveLoss", "logits", logits, runtime.F32, -1, n) {
		return runtime.Tensor{}
	}
	y := r.Temp(runtime.F32, 1)
	r.Dispatch(runtime.Dispatch{
		Op: fmt.Sprintf("contrastive loss %v", logits.Shape()), Module: "contrastive_loss",
		Push: []uint32{u32(n)}, Groups: [3]int{1}, Bind: runtime.Bind(logits, y),
		FLOPs: 8 * float64(n) * float64(n),
	})
	return y
}
