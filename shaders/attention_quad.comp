#version 450
// variant: attention_quad
// variant: attention_quad_32 -DHEAD=32
// variant: attention_quad_80 -DHEAD=80 -DROWS=4 -DPADDED
// variant: attention_quad_128 -DHEAD=128 -DROWS=4 -DPADDED
//
// y = softmax(scale·q·kᵀ + bias + mask or regions)·v for qkv [B,T,3·H·Dh], mask
// [B,T] over the keys, y [B,T,H·Dh], for CPU drivers of subgroup size 4 (SwiftShader);
// reasons as in linear_quad.comp. Dh is HEAD exactly; where PADDED, a multiple of 4
// up to it, and what is missing is done with the head's last elements and zeros
// for the queries. Wide heads have fewer rows, which halves the compile time.
//
// A lane owns every fourth element of the head, so that the lanes' addresses
// follow each other, which that driver notices and loads at once. A subgroup is
// a workgroup and does ROWS queries of one head, four keys at a time; the four
// lanes' parts of four scores are summed by a transposition, after which lane l
// holds the score of key l.

#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_shader_subgroup_quad : require
#include "include/activation.glsl"
#include "include/causal.glsl"

#ifndef HEAD
#define HEAD 64
#endif
#ifndef ROWS
#define ROWS 8
#endif

#ifdef PADDED
const bool EXACT = false;
#else
const bool EXACT = true;
#endif
const int PARTS = HEAD / 4;   // elements of the head a lane

layout(local_size_x = 4) in;

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

// Lane l gets the sum of v[l] over the lanes.
float transpose_sum(vec4 v, bool odd, bool high) {
    float a = (odd ? v.y : v.x) + subgroupQuadSwapHorizontal(odd ? v.x : v.y);
    float b = (odd ? v.w : v.z) + subgroupQuadSwapHorizontal(odd ? v.z : v.w);
    return (high ? b : a) + subgroupQuadSwapVertical(high ? a : b);
}

// Every lane gets the values of lanes 0, 1, 2, 3.
vec4 gather(float v, bool odd, bool high) {
    float h = subgroupQuadSwapHorizontal(v);
    float even = odd ? h : v;
    float other = odd ? v : h;
    float e = subgroupQuadSwapVertical(even);
    float o = subgroupQuadSwapVertical(other);
    return vec4(high ? e : even, high ? o : other, high ? even : e, high ? other : o);
}

float across_max(float v) {
    v = max(v, subgroupQuadSwapHorizontal(v));
    return max(v, subgroupQuadSwapVertical(v));
}

void main() {
    int lane = int(gl_LocalInvocationIndex);
    bool odd = (lane & 1) != 0, high = lane > 1;
    int width = EXACT ? HEAD : int(pc.width);
    int model = int(pc.heads) * width;
    int stride = 3 * model;
    int tokens = int(pc.tokens);
    int query = int(gl_WorkGroupID.x) * ROWS;
    int head = int(gl_WorkGroupID.y), b = int(gl_WorkGroupID.z);
    int base = b * tokens * stride + head * width + lane;
    int masks = b * tokens;
    int regions = b % int(pc.windows) * tokens;
    int pairs = (b % int(pc.groups) * int(pc.heads) + head) * tokens;
    int part[PARTS];
    [[unroll]] for (int d = 0; d < PARTS; d++) part[d] = EXACT ? d * 4 : min(d * 4, width - 4);

    // Loads and stores outside of the loop over keys are made in loops of their own,
    // over arrays in memory, and the sums stay in such a one: written out, all that and
    // what carries the sums round the loop took three times as long to compile, and
    // runs hardly faster. The queries, which every product reads, are better copied.
    float loaded[ROWS * PARTS];
    float q[ROWS * PARTS];
    float sum[ROWS * PARTS];
    float top[ROWS];
    float total[ROWS];
    float pair[ROWS];     // of bias and regions, for key + lane
    [[dont_unroll]] for (int i = 0; i < ROWS; i++) {
        int at = base + min(query + i, tokens - 1) * stride;
        [[dont_unroll]] for (int d = 0; d < PARTS; d++)
            loaded[i * PARTS + d] = EXACT || d * 4 < width ? qkv[at + min(d * 4, width - 4)] * pc.scale : 0.0;
    }
    [[unroll]] for (int i = 0; i < ROWS * PARTS; i++) q[i] = loaded[i];
    [[unroll]] for (int i = 0; i < ROWS; i++) {
        [[unroll]] for (int d = 0; d < PARTS; d++) sum[i * PARTS + d] = 0.0;
        top[i] = LOWEST;
        total[i] = 0.0;
        pair[i] = 0.0;
    }

    for (int key = 0; key < tokens; key += 4) {
        int at[4];
        [[unroll]] for (int n = 0; n < 4; n++) at[n] = base + min(key + n, tokens - 1) * stride;
        vec4 s[ROWS];
        [[unroll]] for (int i = 0; i < ROWS; i++) s[i] = vec4(0);
        [[unroll]] for (int n = 0; n < 4; n++) {
            float k[PARTS];
            [[unroll]] for (int d = 0; d < PARTS; d++) k[d] = qkv[at[n] + model + part[d]];
            [[unroll]] for (int i = 0; i < ROWS; i++) {
                float t = 0.0;
                [[unroll]] for (int d = 0; d < PARTS; d++) t += q[i * PARTS + d] * k[d];
                s[i][n] = t;
            }
        }
        bool on = key + lane < tokens;
        // A loop of no turns costs less than loads under a mask.
        [[dont_unroll]] for (int i = HAS_BIAS || HAS_REGIONS ? 0 : ROWS; i < ROWS; i++) {
            int from = min(query + i, tokens - 1), to = min(key + lane, tokens - 1);
            float t = HAS_BIAS ? bias[(pairs + from) * tokens + to] : 0.0;
            if (HAS_REGIONS && mask[regions + from] != mask[regions + to]) t += pc.apart;
            pair[i] = t;
        }
        float add = HAS_MASK ? mask[masks + min(key + lane, tokens - 1)] : 0.0;
        float shrink[ROWS];
        [[unroll]] for (int i = 0; i < ROWS; i++) {
            float v = transpose_sum(s[i], odd, high) + pair[i] + add;
            if (CAUSAL && key + lane > query + i) v += LATER;
            float m = max(top[i], across_max(on ? v : LOWEST));
            shrink[i] = expf32(top[i] - m);
            float w = on ? expf32(v - m) : 0.0;
            top[i] = m;
            total[i] = total[i] * shrink[i] + w;
            s[i] = gather(w, odd, high);
        }
        [[unroll]] for (int d = 0; d < PARTS; d++) {
            vec4 v;
            [[unroll]] for (int n = 0; n < 4; n++) v[n] = qkv[at[n] + 2 * model + part[d]];
            [[unroll]] for (int i = 0; i < ROWS; i++) {
                float t = sum[i * PARTS + d] * shrink[i];
                [[unroll]] for (int n = 0; n < 4; n++) t += s[i][n] * v[n];
                sum[i * PARTS + d] = t;
            }
        }
    }

    [[unroll]] for (int i = 0; i < ROWS; i++) {
        float weight = total[i] + subgroupQuadSwapHorizontal(total[i]);
        weight = 1.0 / (weight + subgroupQuadSwapVertical(weight));
        [[unroll]] for (int d = 0; d < PARTS; d++) sum[i * PARTS + d] *= weight;
    }
    int rows = min(ROWS, tokens - query), parts = EXACT ? PARTS : width / 4;
    [[dont_unroll]] for (int i = 0; i < rows; i++) {
        int to = (b * tokens + query + i) * model + head * width + lane;
        [[dont_unroll]] for (int d = 0; d < parts; d++) y[to + d * 4] = sum[i * PARTS + d];
    }
}
