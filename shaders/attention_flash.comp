#version 450
// variant: attention_flash
// variant: attention_flash_subgroup -DSUBGROUPS
// variant: attention_flash_subgroup_emulated -DSUBGROUPS -DEMULATE
//
// y = softmax(scale·q·kᵀ + bias + mask or regions)·v for qkv [B,T,3·H·Dh], mask
// [B,T] over the keys, y [B,T,H·Dh], for GPUs: Dh a multiple of 4, at most HEAD.
//
// A workgroup does 32 queries of one head against KEYS keys at a time (online
// softmax). The queries stay in shared memory, keys and values pass through it,
// row by row with one vec4 to spare, so that neighbours' rows begin in different
// banks. ACROSS by 8 invocations: each has 4 queries by every ACROSSth key of
// the scores, then by every ACROSSth vec4 of the sum. An invocation keeps what
// it needs of the softmax of its queries; the ACROSS of a row agree on its
// largest score through shared memory, or by shuffles where they are in one
// subgroup.

#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#include "include/activation.glsl"
#include "include/causal.glsl"
#ifdef SUBGROUPS
#include "include/subgroup.glsl"
#else
layout(local_size_x_id = 11) in;     // 8 · ACROSS
#endif

layout(constant_id = 0) const bool HAS_MASK = false;
layout(constant_id = 1) const bool HAS_BIAS = false;
layout(constant_id = 2) const bool HAS_REGIONS = false;  // in the place of a mask
layout(constant_id = 4) const uint HEAD = 64;            // Dh in eights, rounded up
layout(constant_id = 5) const uint KEYS = 32;            // a multiple of ACROSS
layout(constant_id = 6) const uint ACROSS = 16;          // a power of two

layout(push_constant) uniform Push {
    uint batch, tokens, heads, width;  // width of a head
    float scale;
    uint groups;                       // of bias: batch b takes b mod groups
    uint windows;                      // of regions, in the same way
    float apart;                       // added to the score of a key of another region than the query's
} pc;

layout(std430, binding = 0) readonly buffer InBuffer { vec4 qkv[]; };
layout(std430, binding = 1) readonly buffer MaskBuffer { float mask[]; };   // or regions [windows, T]
layout(std430, binding = 2) writeonly buffer OutBuffer { vec4 y[]; };
layout(std430, binding = 3) readonly buffer BiasBuffer { float bias[]; };   // [groups, H, T, T]

const float LOWEST = -3.402823466e38;
const uint ROWS = 32;
const uint QUADS = HEAD / 4;                            // vec4 a row
const uint STRIDE = QUADS + 1;
const uint WEIGHTS = KEYS / 4 + 1;                      // the stride of a row of weights
const uint OWN_KEYS = KEYS / ACROSS;                    // of an invocation
const uint OWN_QUADS = (QUADS + ACROSS - 1) / ACROSS;

shared vec4 queries[ROWS * STRIDE];
shared vec4 operand[KEYS * STRIDE];                     // keys, then values
shared vec4 weights[ROWS * WEIGHTS];                    // [query][key/4]

#ifdef SUBGROUPS
uint invocation() { return SUBGROUP_ID * SUBGROUP + SUBGROUP_LANE; }

vec4 across_max(vec4 v) {
    for (uint n = ACROSS / 2; n > 0; n >>= 1) v = max(v, SUBGROUP_SHUFFLE(v, SUBGROUP_LANE ^ n));
    barrier(); // as below: all have done with the keys
    return v;
}

vec4 across_sum(vec4 v) {
    for (uint n = ACROSS / 2; n > 0; n >>= 1) v += SUBGROUP_SHUFFLE(v, SUBGROUP_LANE ^ n);
    return v;
}
#else
uint invocation() { return gl_LocalInvocationIndex; }

vec4 across_max(vec4 v) {
    weights[invocation()] = v;
    barrier();
    uint first = invocation() / ACROSS * ACROSS;
    for (uint i = 0; i < ACROSS; i++) v = max(v, weights[first + i]);
    barrier();
    return v;
}

vec4 across_sum(vec4 v) {
    weights[invocation()] = v;
    barrier();
    uint first = invocation() / ACROSS * ACROSS;
    v = vec4(0);
    for (uint i = 0; i < ACROSS; i++) v += weights[first + i];
    return v;
}
#endif

void main() {
    uint id = invocation();
    uint x = id % ACROSS, row = id / ACROSS * 4;
    uint head = gl_WorkGroupID.y, b = gl_WorkGroupID.z;
    uint quads = pc.width / 4, model = pc.heads * quads, stride = 3 * model;
    uint token = gl_WorkGroupID.x * ROWS;
    uint first = b * pc.tokens * stride + head * quads;
    uint pairs = (b % pc.groups * pc.heads + head) * pc.tokens;
    uint regions = b % pc.windows * pc.tokens;
    uint last = pc.tokens - 1;

    for (uint e = id; e < ROWS * QUADS; e += 8 * ACROSS) {
        uint r = e / QUADS, c = e % QUADS;
        vec4 v = vec4(0);
        if (c < quads) v = qkv[first + min(token + r, last) * stride + c];
        queries[r * STRIDE + c] = v;
    }

    vec4 sum[4 * OWN_QUADS];            // [query][vec4]
    [[unroll]] for (uint i = 0; i < 4 * OWN_QUADS; i++) sum[i] = vec4(0);
    vec4 top = vec4(LOWEST);            // each query's largest score so far
    vec4 total = vec4(0);               // of the weights of this invocation's keys

    for (uint key = 0; key < pc.tokens; key += KEYS) {
        for (uint e = id; e < KEYS * QUADS; e += 8 * ACROSS) {
            uint r = e / QUADS, c = e % QUADS;
            vec4 v = vec4(0);
            if (c < quads && key + r < pc.tokens) v = qkv[first + model + (key + r) * stride + c];
            operand[r * STRIDE + c] = v;
        }
        barrier();

        vec4 s[OWN_KEYS];               // of the four queries
        [[unroll]] for (uint j = 0; j < OWN_KEYS; j++) s[j] = vec4(0);
        for (uint d = 0; d < QUADS; d++) {
            vec4 q0 = queries[row * STRIDE + d];
            vec4 q1 = queries[(row + 1) * STRIDE + d];
            vec4 q2 = queries[(row + 2) * STRIDE + d];
            vec4 q3 = queries[(row + 3) * STRIDE + d];
            [[unroll]] for (uint j = 0; j < OWN_KEYS; j++) {
                vec4 k = operand[(j * ACROSS + x) * STRIDE + d];
                s[j] += vec4(dot(q0, k), dot(q1, k), dot(q2, k), dot(q3, k));
            }
        }

        vec4 m = top;
        [[unroll]] for (uint j = 0; j < OWN_KEYS; j++) {
            uint k = key + j * ACROSS + x, at = min(k, last);
            s[j] *= pc.scale;
            float closed = HAS_MASK ? mask[b * pc.tokens + at] : 0.0;
            float region = HAS_REGIONS ? mask[regions + at] : 0.0;
            [[unroll]] for (uint i = 0; i < 4; i++) {
                uint t = min(token + row + i, last);
                if (HAS_BIAS) s[j][i] += bias[(pairs + t) * pc.tokens + at];
                if (HAS_MASK) s[j][i] += closed;
                if (HAS_REGIONS && mask[regions + t] != region) s[j][i] += pc.apart;
                if (CAUSAL && k > t) s[j][i] += LATER;
            }
            if (k < pc.tokens) m = max(m, s[j]);
        }
        m = across_max(m);
        vec4 shrink = vec4(expf32(top.x - m.x), expf32(top.y - m.y), expf32(top.z - m.z), expf32(top.w - m.w));
        top = m;
        total *= shrink;
        [[unroll]] for (uint i = 0; i < 4; i++)
            [[unroll]] for (uint c = 0; c < OWN_QUADS; c++) sum[i * OWN_QUADS + c] *= shrink[i];

        for (uint e = id; e < KEYS * QUADS; e += 8 * ACROSS) {
            uint r = e / QUADS, c = e % QUADS;
            vec4 v = vec4(0);
            if (c < quads && key + r < pc.tokens) v = qkv[first + 2 * model + (key + r) * stride + c];
            operand[r * STRIDE + c] = v;
        }
        [[unroll]] for (uint j = 0; j < OWN_KEYS; j++) {
            uint k = j * ACROSS + x;
            bool real = key + k < pc.tokens;
            [[unroll]] for (uint i = 0; i < 4; i++) {
                float w = real ? expf32(s[j][i] - m[i]) : 0.0;
                total[i] += w;
                weights[(row + i) * WEIGHTS + k / 4][k % 4] = w;
            }
        }
        barrier();

        for (uint k = 0; k < KEYS / 4; k++) {
            vec4 w0 = weights[row * WEIGHTS + k];
            vec4 w1 = weights[(row + 1) * WEIGHTS + k];
            vec4 w2 = weights[(row + 2) * WEIGHTS + k];
            vec4 w3 = weights[(row + 3) * WEIGHTS + k];
            [[unroll]] for (uint n = 0; n < 4; n++) {
                [[unroll]] for (uint c = 0; c < OWN_QUADS; c++) {
                    vec4 v = operand[(k * 4 + n) * STRIDE + min(c * ACROSS + x, QUADS - 1)];
                    sum[c] += w0[n] * v;
                    sum[OWN_QUADS + c] += w1[n] * v;
                    sum[2 * OWN_QUADS + c] += w2[n] * v;
                    sum[3 * OWN_QUADS + c] += w3[n] * v;
                }
            }
        }
        barrier();
    }

    total = across_sum(total);
    [[unroll]] for (uint i = 0; i < 4; i++) {
        uint t = token + row + i;
        [[unroll]] for (uint c = 0; c < OWN_QUADS; c++) {
            uint column = c * ACROSS + x;
            if (t < pc.tokens && column < quads)
                y[(b * pc.tokens + t) * model + head * quads + column] = sum[i * OWN_QUADS + c] / total[i];
        }
    }
}
