// The weight of a linear kernel as texels of 4 columns, layout kn32: RGBA32F or
// RGBA16F, which the fetch converts. There is no format of bf16: RGBA16UI, and
// each number is the upper half of a float.
#ifdef WEIGHT_BF16
layout(binding = 1) uniform utextureBuffer W;
#define FETCH_WEIGHT(i) uintBitsToFloat(texelFetch(W, i) << 16u)
#else
layout(binding = 1) uniform textureBuffer W;
#define FETCH_WEIGHT(i) texelFetch(W, i)
#endif
