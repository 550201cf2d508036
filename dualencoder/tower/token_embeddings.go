package tower

import (
	"encoding/binary"
	"math"

	"github.com/vkdual/vkdual/dualencoder/config"
	"github.com/vkdual/vkdual/dualencoder/weights"
	"github.com/vkdual/vkdual/ops"
	"github.com/vkdual/vkdual/runtime"
)

// tokenEmbeddings is the sum of what a token is, which part of the text it
// belongs to and where it stands, normalised.
type tokenEmbeddings struct {
	name      string
	words     ops.Table   // [V,D]
	types     ops.Table   // [types,D]; absent: tokens have none
	positions ops.Table   // [positions,D]
	relative  bool        // positions are not added, only distances count
	same      []ops.Table // tables [·,D] whose first row every token gets
	scale     float64     // of words; 0: 1
	norm      *layerNorm  // nil: none
}

func newTokenEmbeddings(w weights.Scope, c *config.BERT, width int) tokenEmbeddings {
	e := newBareEmbeddings(w, c, width)
	norm := newLayerNorm(w.Sub("LayerNorm"), width, c.LayerNormEps)
	e.norm = &norm
	return e
}

// newBareEmbeddings are not normalised.
func newBareEmbeddings(w weights.Scope, c *config.BERT, width int) tokenEmbeddings {
	e := tokenEmbeddings{
		name:      w.Name(),
		words:     w.Table("word_embeddings.weight", c.VocabSize, width),
		positions: w.Table("position_embeddings.weight", c.MaxPositions, width), // in the file all the same
		relative:  c.PositionEmbedding != config.Absolute,
	}
	if c.TypeVocabSize > 0 {
		e.types = w.Table("token_type_embeddings.weight", c.TypeVocabSize, width)
	}
	return e
}

// Forward is ids [B,T] → [B,T,D].
func (e tokenEmbeddings) Forward(r *runtime.Recorder, in TextInput) runtime.Tensor {
	defer r.Scope(e.name)()
	x := ops.Embed(r, runtime.Tensor{}, e.words, in.IDs)
	if e.scale != 0 {
		x = ops.Affine(r, x, constant(r, float32(e.scale), x.Dim(-1)), runtime.Tensor{})
	}
	if e.types.Valid() {
		x = ops.Embed(r, x, e.types, in.Types)
	}
	if !e.relative {
		x = ops.Embed(r, x, e.positions, in.Positions)
	}
	for _, table := range e.same {
		x = ops.Embed(r, x, table, r.Constant(runtime.U32, make([]byte, in.IDs.Bytes()), in.IDs.Shape()...))
	}
	if e.norm != nil {
		x = e.norm.Forward(r, x)
	}
	return tap(r, x)
}

// constant is n times v.
func constant(r *runtime.Recorder, v float32, n int) runtime.Tensor {
	var data []byte
	for range n {
		data = binary.NativeEndian.AppendUint32(data, math.Float32bits(v))
	}
	return r.Constant(runtime.F32, data, n)
}
