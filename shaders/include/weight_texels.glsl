// The weight of a linear kernel as texels, a lane's 8 columns at a time: see
// README.md for the layouts. Include after linear.glsl.
//
// A lane names its columns by its panel's first texel and by their group in it,
// 0 to 3. FETCH_WEIGHTS gives b[0..1][0..3], of the left and the right 4 columns
// the 4 k from 4·step on, each a vec4 of columns; what they give summed up is
// multiplied by weightScale.
//
// Words are moved by multiplication: SwiftShader, of subgroup size 4, shifts a vector
// lane by lane, and others make a shift of it. Integers stay at the upper end of a word,
// where their sign is, as multiples of a power of two that weightScale takes away.

const int ROW = PANEL / 4;            // texels of one k in f32, of 4 k in q8

const float BY_3 = 1.0 / float(1 << 3), BY_14 = 1.0 / float(1 << 14), BY_24 = 1.0 / float(1 << 24), BY_28 = 1.0 / float(1 << 28);

#if defined(WEIGHT_Q8)

layout(binding = 1) uniform utextureBuffer W;

int panelTexels(int k) { return (ROW + (k + 3) / 4 * ROW + 15) & ~15; }

// A word a column, 4 integers of 8 bits.
#define FETCH_WEIGHTS(b, panel, group, step) \
    [[unroll]] for (int h = 0; h < 2; h++) { \
        uvec4 t = texelFetch(W, (panel) + ROW + (step) * ROW + (group) * 2 + h); \
        b[h][0] = vec4(ivec4(t * 0x1000000u)); \
        b[h][1] = vec4(ivec4(t * 0x10000u & 0xff000000u)); \
        b[h][2] = vec4(ivec4(t * 0x100u & 0xff000000u)); \
        b[h][3] = vec4(ivec4(t & 0xff000000u)); }

vec4 weightScale(int panel, int group, int h) {
    return uintBitsToFloat(texelFetch(W, panel + group * 2 + h)) * BY_24;
}

#elif defined(WEIGHT_Q4)

layout(binding = 1) uniform utextureBuffer W;

const int BLOCK = ROW / 2 + 4 * ROW;  // texels of 32 k: scales, then 8 k a texel

int panelTexels(int k) { return ((k + 31) / 32 * BLOCK + 15) & ~15; }

// A word a column, 8 integers of 4 bits, of which these are the lower or upper half.
#define FETCH_WEIGHTS(b, panel, group, step) { \
    int block = (panel) + ((step) >> 3) * BLOCK; \
    uvec4 s = texelFetch(W, block + (group)); \
    uvec4 low = s * 0x10000u, high = s & 0xffff0000u; \
    [[unroll]] for (int h = 0; h < 2; h++) { \
        vec4 scale = uintBitsToFloat(h == 0 ? uvec4(low.x, high.x, low.y, high.y) : uvec4(low.z, high.z, low.w, high.w)); \
        uvec4 t = texelFetch(W, block + ROW / 2 + (((step) >> 1) & 3) * ROW + (group) * 2 + h); \
        t *= ((step) & 1) == 0 ? 0x10000u : 1u; \
        b[h][0] = vec4(ivec4(t * 0x1000u & 0xf0000000u)) * scale; \
        b[h][1] = vec4(ivec4(t * 0x100u & 0xf0000000u)) * scale; \
        b[h][2] = vec4(ivec4(t * 0x10u & 0xf0000000u)) * scale; \
        b[h][3] = vec4(ivec4(t & 0xf0000000u)) * scale; } }

vec4 weightScale(int panel, int group, int h) { return vec4(BY_28); }

#elif defined(WEIGHT_F16) || defined(WEIGHT_BF16)

// A texel holds all 8 columns of one k.
layout(binding = 1) uniform utextureBuffer W;

int panelTexels(int k) { return k * ROW / 2; }

// The two numbers of a word.
#if defined(WEIGHT_BF16)

vec2 widened(uint word) { return uintBitsToFloat(uvec2(word * 0x10000u, word & 0xffff0000u)); }

#elif defined(HALVES_BY_HAND)

// The number of f16 whose 15 bits without the sign stand at 13 of m. With an exponent
// of 0 it is subnormal, m/1024·2^-14, and x becomes (1 + m/1024)·2^-15: twice that less
// 2^-14 is right, and for all others larger than x. The driver's own conversion takes
// twice as long, and a factor would rebias no subnormal float, which it takes for zero.
float half16(uint m, uint sign) {
    float x = uintBitsToFloat(m + (112u << 23));
    return uintBitsToFloat(floatBitsToUint(min(x, x + x - BY_14)) | (sign & 0x80000000u));
}

// For the upper one, a shift to the right by 3 is a product of floats, which hold 15 bits exactly.
vec2 widened(uint word) {
    return vec2(half16(word * 0x2000u & 0x0fffe000u, word * 0x10000u),
                half16(uint(int(float(int(word & 0x7fff0000u)) * BY_3)), word));
}

#else

vec2 widened(uint word) { return unpackHalf2x16(word); }

#endif

#define FETCH_WEIGHTS(b, panel, group, step) \
    [[unroll]] for (int i = 0; i < 4; i++) { \
        uvec4 t = texelFetch(W, (panel) + (4 * (step) + i) * (ROW / 2) + (group)); \
        b[0][i] = vec4(widened(t.x), widened(t.y)); \
        b[1][i] = vec4(widened(t.z), widened(t.w)); }

vec4 weightScale(int panel, int group, int h) { return vec4(1); }

#else

layout(binding = 1) uniform textureBuffer W;

int panelTexels(int k) { return k * ROW; }

#define FETCH_WEIGHTS(b, panel, group, step) \
    [[unroll]] for (int h = 0; h < 2; h++) \
        [[unroll]] for (int i = 0; i < 4; i++) b[h][i] = texelFetch(W, (panel) + (4 * (step) + i) * ROW + (group) * 2 + h);

vec4 weightScale(int panel, int group, int h) { return vec4(1); }

#endif
