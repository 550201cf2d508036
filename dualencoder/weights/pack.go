package weights

import (
	"github.com/vkdual/vkdual/ops"
	"github.com/vkdual/vkdual/runtime"
)

// Where few bits cost more than they save.
const (
	// few8 is the number of elements below which Q8 is not worth it: the scales of
	// rows so short, and padding, take much of what is saved.
	few8 = 1 << 10

	// few4 is the same for Q4, which saves less than 16 KiB more than Q8 on such a
	// matrix and has ten times its error.
	few4 = 1 << 15
)

// pack is how weights [rows, cols] of the scope are held: as the model's are,
// but finer where they are few or the scope says so.
func (s Scope) pack(rows, cols int) ops.Packer {
	p := s.set.pack
	if p.DType == runtime.Q4 && (s.least != 0 || rows*cols < few4) {
		p.DType = runtime.Q8
	}
	if p.DType == runtime.Q8 && (s.least == runtime.F16 || rows*cols < few8) {
		p.DType = runtime.F16
	}
	return p
}

// fine is the scope of matrices that get Q8 where the model's type is Q4. Those
// outside of the layers (of patches, pooler and projections) are few weights, and
// nothing follows that could even out their errors; errors of queries and keys go
// through an exponential.
func (s Scope) fine() Scope { return s.AtLeast(runtime.Q8) }
