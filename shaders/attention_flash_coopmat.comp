#version 450
// variant: attention_flash_coopmat
// variant: attention_flash_coopmat_emulated -DEMULATE=1 -DFRAGMENT_M=2u -DFRAGMENT_N=16u -DFRAGMENT_K=8u
//
// y = softmax(scale·q·kᵀ + bias + mask or regions)·v for qkv [B,T,3·H·Dh], mask
// [B,T] over the keys, y [B,T,H·Dh], with cooperative matrices: queries, keys and
// values are rounded to f16 where they are read, so are the weights of the
// softmax; sums are f32. Dh a multiple of 4, at most HEAD.
//
// A subgroup does FRAGMENT_M queries of one head against KEYS keys at a time
// (online softmax); SUBGROUPS of them share the tiles of keys and values. Scores
// pass through shared memory to the softmax, since only there it is known which
// element is where; the sums stay in fragments, which shrink by a product,
// element by element, with a matrix whose rows are all alike.

#extension GL_GOOGLE_include_directive : require
#include "include/coopmat.glsl"
#include "include/activation.glsl"
#include "include/causal.glsl"

layout(constant_id = 0) const bool HAS_MASK = false;
layout(constant_id = 1) const bool HAS_BIAS = false;
layout(constant_id = 2) const bool HAS_REGIONS = false;  // in the place of a mask
layout(constant_id = 4) const uint HEAD = 64;            // Dh in multiples of the fragments' sides, rounded up
layout(constant_id = 5) const uint KEYS = 32;            // a multiple of the fragments' sides
layout(constant_id = 6) const uint SUBGROUPS = 2;

layout(push_constant) uniform Push {
    uint batch, tokens, heads, width;  // width of a head
    float scale;
    uint groups;                       // of bias: batch b takes b mod groups
    uint windows;                      // of regions, in the same way
    float apart;                       // added to the score of a key of another region than the query's
} pc;

layout(std430, binding = 0) readonly buffer InBuffer { vec4 qkv[]; };
layout(std430, binding = 1) readonly buffer MaskBuffer { float mask[]; };   // or regions [windows, T]
layout(std430, binding = 2) writeonly buffer OutBuffer { float y[]; };
layout(std430, binding = 3) readonly buffer BiasBuffer { float bias[]; };   // [groups, H, T, T]

const float LOWEST = -3.402823466e38;
const uint PARTS = 8;                           // at most, of a row: invocations that share it
const uint ROWS = FRAGMENT_M * SUBGROUPS;
const uint EIGHTS = HEAD / 8;                   // uvec4 a row, of halves
const uint STRIDE = EIGHTS + 1;
const uint WEIGHTS = KEYS / 8 + 1;              // the stride of a row of weights
const uint SCORES = KEYS + 4;                   // and of scores
const uint FRAGMENT = FRAGMENT_M * FRAGMENT_N;

shared uvec4 queries[ROWS * STRIDE];
shared uvec4 operand[KEYS * STRIDE];            // keys, then values
shared uvec4 weights[ROWS * WEIGHTS];
shared float scores[ROWS * SCORES];
shared float stage[SUBGROUPS * FRAGMENT];       // by how much rows shrink; at last the sums
shared float tops[2 * ROWS];                    // each row's largest score so far, and before
shared float partial[ROWS * PARTS];             // largest scores of a row's parts
shared float totals[ROWS * PARTS];              // of their weights

// Eight numbers of a token's row from there on, zeros past the head.
uvec4 eight(uint at, uint e) {
    uint quads = pc.width / 4;
    vec4 a = vec4(0), b = vec4(0);
    if (2 * e < quads) a = qkv[at + 2 * e];
    if (2 * e + 1 < quads) b = qkv[at + 2 * e + 1];
    return uvec4(packHalf2x16(a.xy), packHalf2x16(a.zw), packHalf2x16(b.xy), packHalf2x16(b.zw));
}

void main() {
    uint id = gl_LocalInvocationIndex, threads = gl_WorkGroupSize.x;
    uint head = gl_WorkGroupID.y, b = gl_WorkGroupID.z;
    uint quads = pc.width / 4, model = pc.heads * quads, stride = 3 * model;
    uint token = gl_WorkGroupID.x * ROWS;
    uint first = b * pc.tokens * stride + head * quads;
    uint pairs = (b % pc.groups * pc.heads + head) * pc.tokens;
    uint regions = b % pc.windows * pc.tokens;
    uint last = pc.tokens - 1;
    uint warp = MATRIX_SUBGROUP * FRAGMENT_M;   // its first row
    // Of the softmax an invocation does some eights of a row, or of several rows.
    uint parts = clamp(MATRIX_LANES / FRAGMENT_M, 1u, PARTS);
    uint part = MATRIX_LANE % parts;

    for (uint e = id; e < ROWS * EIGHTS; e += threads)
        queries[e / EIGHTS * STRIDE + e % EIGHTS] = eight(first + min(token + e / EIGHTS, last) * stride, e % EIGHTS);
    for (uint e = id; e < ROWS * PARTS; e += threads) totals[e] = 0.0;
    for (uint e = id; e < ROWS; e += threads) tops[e] = LOWEST;

    MATRIX_C sums[HEAD / FRAGMENT_N];
    UNROLL for (uint c = 0; c < HEAD / FRAGMENT_N; c++) MATRIX_ZERO(sums[c]);

    uint now = 0;   // where the tops are
    for (uint key = 0; key < pc.tokens; key += KEYS) {
        for (uint e = id; e < KEYS * EIGHTS; e += threads) {
            uint k = key + e / EIGHTS;
            uvec4 v = uvec4(0);
            if (k < pc.tokens) v = eight(first + model + k * stride, e % EIGHTS);
            operand[e / EIGHTS * STRIDE + e % EIGHTS] = v;
        }
        barrier();

        MATRIX_C s[KEYS / FRAGMENT_N];
        UNROLL for (uint j = 0; j < KEYS / FRAGMENT_N; j++) MATRIX_ZERO(s[j]);
        UNROLL for (uint d = 0; d < HEAD; d += FRAGMENT_K) {
            MATRIX_A q;
            MATRIX_LOAD_A(q, queries, warp * STRIDE + d / 8, STRIDE);
            UNROLL for (uint j = 0; j < KEYS / FRAGMENT_N; j++) {
                MATRIX_B k;
                MATRIX_LOAD_BT(k, operand, j * FRAGMENT_N * STRIDE + d / 8, STRIDE);
                MATRIX_MULADD(q, k, s[j]);
            }
        }
        UNROLL for (uint j = 0; j < KEYS / FRAGMENT_N; j++) MATRIX_STORE_C(s[j], scores, warp * SCORES + j * FRAGMENT_N, SCORES);
        barrier();

        for (uint e = id; e < KEYS * EIGHTS; e += threads) {
            uint k = key + e / EIGHTS;
            uvec4 v = uvec4(0);
            if (k < pc.tokens) v = eight(first + 2 * model + k * stride, e % EIGHTS);
            operand[e / EIGHTS * STRIDE + e % EIGHTS] = v;
        }
        for (uint r = MATRIX_LANE / parts; r < FRAGMENT_M; r += MATRIX_LANES / parts) {
            uint row = warp + r, t = min(token + row, last);
            float own = HAS_REGIONS ? mask[regions + t] : 0.0;
            float m = LOWEST;
            for (uint e = part; e < KEYS / 8; e += parts) {
                for (uint i = e * 8; i < e * 8 + 8; i++) {
                    uint k = key + i, at = min(k, last);
                    float v = scores[row * SCORES + i] * pc.scale;
                    if (HAS_BIAS) v += bias[(pairs + t) * pc.tokens + at];
                    if (HAS_MASK) v += mask[b * pc.tokens + at];
                    if (HAS_REGIONS && mask[regions + at] != own) v += pc.apart;
                    if (CAUSAL && k > t) v += LATER;
                    scores[row * SCORES + i] = v;
                    if (k < pc.tokens) m = max(m, v);
                }
            }
            partial[row * PARTS + part] = m;
        }
        barrier();

        for (uint r = MATRIX_LANE / parts; r < FRAGMENT_M; r += MATRIX_LANES / parts) {
            uint row = warp + r;
            float m = tops[now + row];
            for (uint p = 0; p < parts; p++) m = max(m, partial[row * PARTS + p]);
            float shrink = expf32(tops[now + row] - m);
            if (part == 0) tops[ROWS - now + row] = m;
            float total = totals[row * PARTS + part] * shrink;
            for (uint e = part; e < KEYS / 8; e += parts) {
                uvec4 halves;
                [[unroll]] for (uint i = 0; i < 4; i++) {
                    uint k = e * 8 + i * 2;
                    vec2 w = vec2(0);
                    if (key + k < pc.tokens) w.x = expf32(scores[row * SCORES + k] - m);
                    if (key + k + 1 < pc.tokens) w.y = expf32(scores[row * SCORES + k + 1] - m);
                    total += w.x + w.y;
                    halves[i] = packHalf2x16(w);
                }
                weights[row * WEIGHTS + e] = halves;
            }
            totals[row * PARTS + part] = total;
            for (uint c = part; c < FRAGMENT_N; c += parts) stage[MATRIX_SUBGROUP * FRAGMENT + r * FRAGMENT_N + c] = shrink;
        }
        now = ROWS - now;
        barrier();

        MATRIX_C shrink;
        MATRIX_LOAD_C(shrink, stage, MATRIX_SUBGROUP * FRAGMENT, FRAGMENT_N);
        UNROLL for (uint c = 0; c < HEAD / FRAGMENT_N; c++) MATRIX_TIMES(sums[c], shrink);
        UNROLL for (uint k = 0; k < KEYS; k += FRAGMENT_K) {
            MATRIX_A w;
            MATRIX_LOAD_A(w, weights, warp * WEIGHTS + k / 8, WEIGHTS);
            UNROLL for (uint c = 0; c < HEAD / FRAGMENT_N; c++) {
                MATRIX_B v;
                MATRIX_LOAD_B(v, operand, k * STRIDE + c * FRAGMENT_N / 8, STRIDE);
                MATRIX_MULADD(w, v, sums[c]);
            }
        }
        barrier();
    }

    UNROLL for (uint c = 0; c < HEAD / FRAGMENT_N; c++) {
        MATRIX_STORE_C(sums[c], stage, MATRIX_SUBGROUP * FRAGMENT, FRAGMENT_N);
        barrier();
        for (uint e = MATRIX_LANE; e < FRAGMENT; e += MATRIX_LANES) {
            uint row = warp + e / FRAGMENT_N, t = token + row, column = c * FRAGMENT_N + e % FRAGMENT_N;
            float total = 0.0;
            for (uint p = 0; p < parts; p++) total += totals[row * PARTS + p];
            if (t < pc.tokens && column < pc.width)
                y[((b * pc.tokens + t) * pc.heads + head) * pc.width + column] = stage[MATRIX_SUBGROUP * FRAGMENT + e] / total;
        }
        barrier();
    }
}
