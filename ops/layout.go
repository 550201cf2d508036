package ops

// A layout is how a linear layer's weight [out,in] lies in device memory: as
// [⌈in/depth⌉, out, depth], so that an output's `depth` consecutive inputs are
// one load. Inputs beyond the last are 0.
type layout struct{ depth int }

var (
	kq4 = layout{4} // [in/4, out] vec4
	kn  = layout{1} // [in, out]
)

func (l layout) shape(out, in int) []int { return []int{ceil(in, l.depth), out, l.depth} }

// line is the number of elements in one packed row.
func (l layout) line(out int) int { return out * l.depth }
