// Package tolerance holds every numeric bound that the tests compare with,
// each with its reason. None is ever loosened to make a test pass.
package tolerance

const (
	// Model is the absolute and the relative bound on every output of a model
	// against the reference implementation in f32: two correct f32
	// implementations differ by the order of their sums, some 1e-6 a layer.
	Model = 1e-4

	// Unnormalised is the largest element up to which inner modules of MobileBERT
	// are held to Model as they stand; beyond it, to Model times the largest
	// element. Nothing normalises there, sums grow to hundreds, and their small
	// elements are differences of large ones: the reference's own f32 is up to
	// 1.7 times Model away from its f64. Outputs and hidden states, and every
	// other tower, are held to Model alone.
	Unnormalised = 16

	// Kernel bounds the error of one kernel against float64, relative to the
	// largest element of the result: f32 has 6e-8, sums of some thousand terms
	// lose a factor of ten to fifty, and a wrong index costs 1e-2 and more.
	Kernel = 1e-5

	// KernelRounding bounds the same where a kernel rounds to f16 within the
	// operation: the weights of attention, each by up to 2^-11 of itself. They sum
	// to one, so that the result moves by up to 2^-11 of the largest value, of
	// which the largest element of the result, an average of values, may be a
	// quarter. A wrong index still costs more than ten times that.
	KernelRounding = 4.0 / 2048

	// Printed is what a reference with five decimals may be off by rounding.
	Printed = 5e-6

	// HalfWeights bounds an element of an embedding, whose length is 1, when f32
	// weights are rounded to f16 and sums stay f32. Each weight moves by up to
	// 2^-11 of itself, 5e-4; over the layers of the golden models that comes to
	// some 1e-3, and a wrong unpacking to 0.1 and more.
	HalfWeights = 4e-3

	// BFloatWeights is the same for bf16, which keeps three binary digits fewer.
	BFloatWeights = 8 * HalfWeights

	// HalfActivations bounds the mean error of the elements of an embedding of
	// length 1 whose activations are f16, against Flax with the same dtype. Flax
	// rounds at other places too (inside of attention and of a layer norm), so
	// that only the size of the error is the same: half a unit of f16 at 1,
	// 2^-11, which is three times what Flax itself is away from f32.
	HalfActivations = 1.0 / 2048

	// BFloatActivations is the same for bf16: 2^-8.
	BFloatActivations = 8 * HalfActivations

	// Cosine is the least cosine of an embedding with the reference's where
	// activations are f16 or bf16: a wrong operation leaves less.
	Cosine = 0.999

	// Filled is the least part of the places of batches of mixed texts, of 2 to
	// 60 tokens, that hold a token. Batches of equal lengths fill 0.97 (31 of 32),
	// and mixed ones are to reach 0.85 of their rate; the rest is for batches
	// that are smaller.
	Filled = 0.88

	// Balanced is how much longer devices of unlike speed may take together than
	// work that splits without remainder: batches come in sizes 1, 2, 4, …
	Balanced = 1.15

	// Planned is how much more memory than the liveness bound a program may take:
	// placing values without a gap is NP-hard, and greedy placement comes near.
	Planned = 1.2

	// Cosine8 is the least cosine of an embedding with the reference's where
	// weights are integers of 8 bits with a scale a row. Each is off by 0.3 % of its
	// row's largest at most, by 0.7 % of the row's deviation on average, and so are
	// the sums of each layer: some 1e-4 of the cosine a few layers later.
	Cosine8 = 0.999

	// CosineDots is Cosine8 where the inputs of layers are integers of 8 bits as
	// well, with a scale for each 32: these are off by 0.5 % of their deviation on
	// average, beside the 0.7 % of the weights, so that errors come to half as much
	// again. The least of two hundred embeddings of small models is allowed twice.
	CosineDots = 0.998

	// Cosine4 is the same where matrices within layers are of 4 bits: ten times
	// the error.
	Cosine4 = 0.99

	// Block4 is the relative error of normally distributed numbers in blocks of 4
	// bits: the best uniform 4-bit quantiser of a normal distribution has 0.107
	// with one scale for all (Max, 1960), and a scale a block takes off a quarter.
	Block4 = 0.083
)
