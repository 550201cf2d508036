#version 450
// y = softmax(scale·q·kᵀ + bias + mask or regions)·v for qkv [B,T,3·H·Dh], mask
// [B,T] over the keys, y [B,T,H·Dh]: any sizes, any device with Vulkan 1.1 (128
// invocations, 16 KiB of shared memory).
//
// A workgroup does 32 queries of one head against 64 keys at a time (online
// softmax), and 64 columns of y: the scores of a wider head are computed again
// by each workgroup that does a part of it. 128 invocations: 16 across by 8
// down, each with 4 queries by 4 neighbouring keys of the scores, then by 4
// neighbouring columns of the sum.
// Queries, keys and weights lie transposed in shared memory, so that an
// invocation's four are one vec4, the same for the 16 invocations beside it.

#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#include "include/activation.glsl"
#include "include/causal.glsl"

const uint ROWS = 32;
const uint KEYS = 64;
const uint DEPTH = 16;               // elements of the head at a time for the scores, keys for the sum
const uint COLUMNS = 64;
const uint INVOCATIONS = 128;

layout(local_size_x = INVOCATIONS) in;

layout(constant_id = 0) const bool HAS_MASK = false;
layout(constant_id = 1) const bool HAS_BIAS = false;
layout(constant_id = 2) const bool HAS_REGIONS = false;  // in the place of a mask

layout(push_constant) uniform Push {
    uint batch, tokens, heads, width;  // width of a head
    float scale;
    uint groups;                       // of bias: batch b takes b mod groups
    uint windows;                      // of regions, in the same way
    float apart;                       // added to the score of a key of another region than the query's
} pc;

layout(std430, binding = 0) readonly buffer InBuffer { float qkv[]; };
layout(std430, binding = 1) readonly buffer MaskBuffer { float mask[]; };   // or regions [windows, T]
layout(std430, binding = 2) writeonly buffer OutBuffer { float y[]; };
layout(std430, binding = 3) readonly buffer BiasBuffer { float bias[]; };   // [groups, H, T, T]

const float LOWEST = -3.402823466e38;

// One vec4 more a row than needed: stores of a column would else all fall into one bank.
const uint QSTRIDE = ROWS / 4 + 1;
const uint KSTRIDE = KEYS / 4 + 1;
const uint PARTS = INVOCATIONS / ROWS;      // 4: invocations that share a row of weights
shared vec4 weights[KEYS * QSTRIDE];        // [key][query/4]: scores, then weights
shared vec4 queries[DEPTH * QSTRIDE];       // [element][query/4]; then [query], what its parts found
shared vec4 operand[DEPTH * KSTRIDE];       // keys [element][key/4], then values [key][column/4]
shared float shrunk[ROWS];                  // by how much the sums so far shrink

void main() {
    uint id = gl_LocalInvocationIndex;
    uint x = id % 16, y0 = id / 16;
    uint head = gl_WorkGroupID.y, b = gl_WorkGroupID.z;
    uint model = pc.heads * pc.width, stride = 3 * model;
    uint chunks = (pc.width + COLUMNS - 1) / COLUMNS;
    uint column = gl_WorkGroupID.x % chunks * COLUMNS;
    uint columns = min(pc.width - column, COLUMNS);
    uint token = gl_WorkGroupID.x / chunks * ROWS;
    uint rows = min(pc.tokens - token, ROWS);
    uint first = b * pc.tokens * stride + head * pc.width;
    uint pairs = (b % pc.groups * pc.heads + head) * pc.tokens;
    uint regions = b % pc.windows * pc.tokens;
    uint row = id / PARTS, part = id % PARTS;      // of the weights

    vec4 sum[4];
    [[unroll]] for (int i = 0; i < 4; i++) sum[i] = vec4(0);
    float top = LOWEST;     // the row's largest score so far
    float total = 0.0;      // of this part's weights

    for (uint key = 0; key < pc.tokens; key += KEYS) {
        uint keys = min(pc.tokens - key, KEYS);

        vec4 s[4];
        [[unroll]] for (int i = 0; i < 4; i++) s[i] = vec4(0);
        for (uint d = 0; d < pc.width; d += DEPTH) {
            // 16 neighbouring invocations read 16 neighbouring elements of one row.
            uint q = id % DEPTH;
            bool in_head = d + q < pc.width;
            [[unroll]] for (uint i = 0; i < ROWS * DEPTH / INVOCATIONS; i++) {
                uint r = id / DEPTH + i * (INVOCATIONS / DEPTH);
                float v = 0.0;
                if (in_head && r < rows) v = qkv[first + (token + r) * stride + d + q];
                queries[q * QSTRIDE + r / 4][r % 4] = v;
            }
            [[unroll]] for (uint i = 0; i < KEYS * DEPTH / INVOCATIONS; i++) {
                uint r = id / DEPTH + i * (INVOCATIONS / DEPTH);
                float v = 0.0;
                if (in_head && r < keys) v = qkv[first + model + (key + r) * stride + d + q];
                operand[q * KSTRIDE + r / 4][r % 4] = v;
            }
            barrier();
            [[unroll]] for (uint e = 0; e < DEPTH; e++) {
                vec4 a = queries[e * QSTRIDE + y0];
                vec4 k = operand[e * KSTRIDE + x];
                [[unroll]] for (int i = 0; i < 4; i++) s[i] += a[i] * k;
            }
            barrier();
        }

        [[unroll]] for (uint j = 0; j < 4; j++)
            weights[(x * 4 + j) * QSTRIDE + y0] = pc.scale * vec4(s[0][j], s[1][j], s[2][j], s[3][j]);
        barrier();

        // Neighbouring invocations of a row take neighbouring keys.
        uint t = token + min(row, rows - 1);
        float own = HAS_REGIONS ? mask[regions + t] : 0.0;
        float m = LOWEST;
        for (uint k = part; k < keys; k += PARTS) {
            float v = weights[k * QSTRIDE + row / 4][row % 4];
            if (HAS_BIAS) v += bias[(pairs + t) * pc.tokens + key + k];
            if (HAS_MASK) v += mask[b * pc.tokens + key + k];
            if (HAS_REGIONS && mask[regions + key + k] != own) v += pc.apart;
            if (CAUSAL && key + k > t) v += LATER;
            weights[k * QSTRIDE + row / 4][row % 4] = v;
            m = max(m, v);
        }
        queries[row][part] = m;
        barrier();
        vec4 tops = queries[row];
        m = max(top, max(max(tops.x, tops.y), max(tops.z, tops.w)));
        float shrink = expf32(top - m);
        top = m;
        total *= shrink;
        if (part == 0) shrunk[row] = shrink;
        for (uint k = part; k < KEYS; k += PARTS) {
            float w = 0.0;
            if (k < keys) w = expf32(weights[k * QSTRIDE + row / 4][row % 4] - m);
            weights[k * QSTRIDE + row / 4][row % 4] = w;
            total += w;
        }
        barrier();

        vec4 shrinks = vec4(shrunk[y0 * 4], shrunk[y0 * 4 + 1], shrunk[y0 * 4 + 2], shrunk[y0 * 4 + 3]);
        [[unroll]] for (int i = 0; i < 4; i++) sum[i] *= shrinks[i];
        uint values = first + 2 * model + key * stride + column;
        for (uint k = 0; k < keys; k += DEPTH) {
            [[unroll]] for (uint i = 0; i < DEPTH * COLUMNS / INVOCATIONS; i++) {
                uint e = id % COLUMNS, r = id / COLUMNS + i * (INVOCATIONS / COLUMNS);
                float v = 0.0;
                if (k + r < keys && e < columns) v = qkv[values + (k + r) * stride + e];
                operand[r * KSTRIDE + e / 4][e % 4] = v;
            }
            barrier();
            [[unroll]] for (uint r = 0; r < DEPTH; r++) {
                vec4 w = weights[(k + r) * QSTRIDE + y0];
                vec4 v = operand[r * KSTRIDE + x];
                [[unroll]] for (int i = 0; i < 4; i++) sum[i] += w[i] * v;
            }
            barrier();
        }
    }

    queries[row][part] = total;
    barrier();
    [[unroll]] for (uint i = 0; i < 4; i++) {
        uint r = y0 * 4 + i;
        if (r < rows) {
            vec4 totals = queries[r];
            float weight = (totals.x + totals.y) + (totals.z + totals.w);
            uint to = (b * pc.tokens + token + r) * model + head * pc.width + column;
            [[unroll]] for (uint j = 0; j < 4; j++)
                if (x * 4 + j < columns) y[to + x * 4 + j] = sum[i][j] / weight;
        }
    }
}
