package dualencoder

import "github.com/vkdual/vkdual/dualencoder/tower"

// PositionIDs says at which positions tokens stand where the caller gives none.
type PositionIDs string

const (
	// PyTorchPositions are those of the tower's PyTorch class: RoBERTa and its
	// kin count from the id of the padding token + 1 and leave padding out, the
	// others from 0. The zero value means them too.
	PyTorchPositions PositionIDs = "pytorch"

	// FlaxPositions are 0, 1, 2, … for every tower, padding included, as
	// FlaxVisionTextDualEncoderModel gives them. A text may then be as long as
	// the table of positions, which for RoBERTa is two tokens more.
	FlaxPositions PositionIDs = "flax"
)

// flaxText is a text tower whose default positions are Flax's.
type flaxText struct{ tower.Text }

func (f flaxText) Limits() tower.TextLimits {
	l := f.Text.Limits()
	l.Length = l.Positions
	if l.Tokens > 0 {
		l.Length = min(l.Length, l.Tokens)
	}
	return l
}

func (flaxText) Positions(dst, ids []uint32) {
	for i := range ids {
		dst[i] = uint32(i)
	}
}
