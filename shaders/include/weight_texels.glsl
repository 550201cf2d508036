// The weight of a linear kernel as texels, a lane's 4 columns at a time: see
// README.md for the layouts. Include after linear.glsl.
//
// A lane names its columns by its panel's first texel and by their group in it,
// 0 to 7. FETCH_WEIGHTS gives b[0..3], the 4 k from 4·step on, as a vec4 of the
// columns; what they give summed up is multiplied by weightScale.

const int ROW = PANEL / 4;            // texels of one k, of one step where 4 k are a texel

#if defined(WEIGHT_Q8)

layout(binding = 1) uniform utextureBuffer W;

int panelTexels(int k) { return (ROW + (k + 3) / 4 * ROW + 15) & ~15; }

// A word a column, 4 integers of 8 bits.
#define FETCH_WEIGHTS(b, panel, group, step) { \
    uvec4 t = texelFetch(W, (panel) + ROW + (step) * ROW + (group)); \
    b[0] = vec4(ivec4(t << 24) >> 24); \
    b[1] = vec4(ivec4(t << 16) >> 24); \
    b[2] = vec4(ivec4(t << 8) >> 24); \
    b[3] = vec4(ivec4(t) >> 24); }

vec4 weightScale(int panel, int group) { return uintBitsToFloat(texelFetch(W, panel + group)); }

#elif defined(WEIGHT_Q4)

layout(binding = 1) uniform utextureBuffer W;

const int BLOCK = ROW / 2 + 4 * ROW;  // texels of 32 k: scales, then 8 k a texel

int panelTexels(int k) { return ((k + 31) / 32 * BLOCK + 15) & ~15; }

vec4 blockScale(int panel, int group, int step) {
    uvec4 t = texelFetch(W, panel + (step >> 3) * BLOCK + (group >> 1));
    uvec2 h = (group & 1) == 0 ? t.xy : t.zw;
    return uintBitsToFloat(uvec4(h.x << 16, h.x & 0xffff0000u, h.y << 16, h.y & 0xffff0000u));
}

// A word a column, 8 integers of 4 bits, of which these are the lower or upper half.
#define FETCH_WEIGHTS(b, panel, group, step) { \
    uvec4 t = texelFetch(W, (panel) + ((step) >> 3) * BLOCK + ROW / 2 + (((step) >> 1) & 3) * ROW + (group)); \
    vec4 s = blockScale(panel, group, step); \
    t = t << (((step) & 1) == 0 ? 16 : 0); \
    b[0] = vec4(ivec4(t << 12) >> 28) * s; \
    b[1] = vec4(ivec4(t << 8) >> 28) * s; \
    b[2] = vec4(ivec4(t << 4) >> 28) * s; \
    b[3] = vec4(ivec4(t) >> 28) * s; }

vec4 weightScale(int panel, int group) { return vec4(1); }

#else

// RGBA32F or RGBA16F, which the fetch converts. There is no format of bf16:
// RGBA16UI, and each number is the upper half of a float.
#ifdef WEIGHT_BF16
layout(binding = 1) uniform utextureBuffer W;
#define FETCH_WEIGHT(i) uintBitsToFloat(texelFetch(W, i) << 16u)
#else
layout(binding = 1) uniform textureBuffer W;
#define FETCH_WEIGHT(i) texelFetch(W, i)
#endif

int panelTexels(int k) { return k * ROW; }

#define FETCH_WEIGHTS(b, panel, group, step) { \
    b[0] = FETCH_WEIGHT((panel) + (4 * (step) + 0) * ROW + (group)); \
    b[1] = FETCH_WEIGHT((panel) + (4 * (step) + 1) * ROW + (group)); \
    b[2] = FETCH_WEIGHT((panel) + (4 * (step) + 2) * ROW + (group)); \
    b[3] = FETCH_WEIGHT((panel) + (4 * (step) + 3) * ROW + (group)); }

vec4 weightScale(int panel, int group) { return vec4(1); }

#endif
