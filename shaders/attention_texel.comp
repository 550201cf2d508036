#version 450
// variant: attention_texel
// variant: attention_texel_32 -DHEAD=32
// variant: attention_texel_128 -DHEAD=128
//
// y = softmax(scale·q·kᵀ + bias + mask or regions)·v for qkv [B,T,3·H·Dh], mask
// [B,T] over the keys, y [B,T,H·Dh], for CPU drivers of subgroup size 8 (lavapipe); reasons
// as in linear_texel.comp. Dh a multiple of 4, at most HEAD.
//
// A subgroup is a workgroup and does ROWS queries of one head against KEYS keys
// at a time. For the scores a lane owns keys, and the queries are passed round;
// for the sums a lane owns columns of v, and the weights are passed round.

#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_shader_subgroup_shuffle : require
#include "include/activation.glsl"
#include "include/causal.glsl"

#ifndef HEAD
#define HEAD 64
#endif
#ifndef ROWS
#define ROWS 8
#endif
#ifndef KEYS
#define KEYS 32
#endif

const int LANES = 8;
const int GROUPS = KEYS / LANES;      // keys a lane
const int COLUMNS = HEAD / 32;        // texels of v and y a lane

layout(local_size_x = LANES) in;

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

layout(binding = 0) uniform textureBuffer QKV;   // RGBA32F [B, T, 3, H, Dh/4]
layout(std430, binding = 1) readonly buffer MaskBuffer { float mask[]; };   // or regions [windows, T]
layout(std430, binding = 2) writeonly buffer OutBuffer { vec4 y[]; };
layout(std430, binding = 3) readonly buffer BiasBuffer { float bias[]; };   // [groups, H, T, T]

const float LOWEST = -3.402823466e38;

float across_max(float v) {
    float m = subgroupShuffle(v, 0);
    m = max(m, subgroupShuffle(v, 1));
    m = max(m, subgroupShuffle(v, 2));
    m = max(m, subgroupShuffle(v, 3));
    m = max(m, subgroupShuffle(v, 4));
    m = max(m, subgroupShuffle(v, 5));
    m = max(m, subgroupShuffle(v, 6));
    return max(m, subgroupShuffle(v, 7));
}

float across_sum(float v) {
    float s = 0.0;
    [[unroll]] for (int i = 0; i < LANES; i++) s += subgroupShuffle(v, i);
    return s;
}

void main() {
    int lane = int(gl_SubgroupInvocationID);
    int head4 = int(pc.width / 4);
    int model4 = int(pc.heads) * head4;
    int stride = 3 * model4;
    int tokens = int(pc.tokens);
    int b = int(gl_WorkGroupID.z);
    int query = int(gl_WorkGroupID.x) * ROWS;
    int base = b * tokens * stride + int(gl_WorkGroupID.y) * head4;

    int pairs = (b % int(pc.groups) * int(pc.heads) + int(gl_WorkGroupID.y)) * tokens;
    int regions = b % int(pc.windows) * tokens;

    int q0[ROWS / LANES];
    [[unroll]] for (int i = 0; i < ROWS / LANES; i++)
        q0[i] = base + min(query + i * LANES + lane, tokens - 1) * stride;

    vec4 sum[ROWS][COLUMNS];
    float top[ROWS];      // the largest score so far, the same in all lanes
    float total[ROWS];    // of the weights of this lane's keys
    [[unroll]] for (int i = 0; i < ROWS; i++) {
        top[i] = LOWEST;
        total[i] = 0.0;
        [[unroll]] for (int c = 0; c < COLUMNS; c++) sum[i][c] = vec4(0);
    }

    for (int key = 0; key < tokens; key += KEYS) {
        float s[ROWS][GROUPS];
        [[unroll]] for (int i = 0; i < ROWS; i++)
            [[unroll]] for (int j = 0; j < GROUPS; j++) s[i][j] = 0.0;
        int k0[GROUPS];
        [[unroll]] for (int j = 0; j < GROUPS; j++)
            k0[j] = base + model4 + min(key + j * LANES + lane, tokens - 1) * stride;
        for (int d = 0; d < head4; d++) {
            vec4 q[ROWS / LANES];
            vec4 k[GROUPS];
            [[unroll]] for (int i = 0; i < ROWS / LANES; i++) q[i] = texelFetch(QKV, q0[i] + d);
            [[unroll]] for (int j = 0; j < GROUPS; j++) k[j] = texelFetch(QKV, k0[j] + d);
            [[unroll]] for (int i = 0; i < ROWS; i++) {
                vec4 a = subgroupShuffle(q[i / LANES], i % LANES);
                [[unroll]] for (int j = 0; j < GROUPS; j++)
                    s[i][j] += (a.x * k[j].x + a.y * k[j].y) + (a.z * k[j].z + a.w * k[j].w);
            }
        }

        float add[GROUPS], region[GROUPS];
        [[unroll]] for (int j = 0; j < GROUPS; j++) {
            int t = key + j * LANES + lane;
            add[j] = HAS_MASK && t < tokens ? mask[b * tokens + t] : 0.0;
            if (HAS_REGIONS) region[j] = mask[regions + min(t, tokens - 1)];
        }
        [[unroll]] for (int i = 0; i < ROWS; i++) {
            float m = LOWEST;
            float own = HAS_REGIONS ? mask[regions + min(query + i, tokens - 1)] : 0.0;
            [[unroll]] for (int j = 0; j < GROUPS; j++) {
                s[i][j] *= pc.scale;
                if (HAS_BIAS) s[i][j] += bias[(pairs + min(query + i, tokens - 1)) * tokens + min(key + j * LANES + lane, tokens - 1)];
                s[i][j] += add[j];
                if (CAUSAL && key + j * LANES + lane > query + i) s[i][j] += LATER;
                if (HAS_REGIONS && region[j] != own) s[i][j] += pc.apart;
                m = max(m, key + j * LANES + lane < tokens ? s[i][j] : LOWEST);
            }
            m = max(top[i], across_max(m));
            float shrink = expf32(top[i] - m);
            top[i] = m;
            total[i] *= shrink;
            [[unroll]] for (int c = 0; c < COLUMNS; c++) sum[i][c] *= shrink;
            [[unroll]] for (int j = 0; j < GROUPS; j++) {
                s[i][j] = key + j * LANES + lane < tokens ? expf32(s[i][j] - m) : 0.0;
                total[i] += s[i][j];
            }
        }

        // The keys of one group, then the groups move up one place.
        for (int j = 0; j < GROUPS; j++) {
            int t = key + j * LANES;
            if (t >= tokens) break;
            [[unroll]] for (int n = 0; n < LANES; n++) {
                int v0 = base + 2 * model4 + min(t + n, tokens - 1) * stride + lane;
                vec4 v[COLUMNS];
                [[unroll]] for (int c = 0; c < COLUMNS; c++) v[c] = texelFetch(QKV, v0 + c * LANES);
                [[unroll]] for (int i = 0; i < ROWS; i++) {
                    float w = subgroupShuffle(s[i][0], n);
                    [[unroll]] for (int c = 0; c < COLUMNS; c++) sum[i][c] += w * v[c];
                }
            }
            [[unroll]] for (int i = 0; i < ROWS; i++)
                [[unroll]] for (int g = 0; g + 1 < GROUPS; g++) s[i][g] = s[i][g + 1];
        }
    }

    [[unroll]] for (int i = 0; i < ROWS; i++) {
        float weight = across_sum(total[i]);
        int t = query + i;
        [[unroll]] for (int c = 0; c < COLUMNS; c++) {
            int column = c * LANES + lane;
            if (t < tokens && column < head4)
                y[(b * tokens + t) * model4 + int(gl_WorkGroupID.y) * head4 + column] = sum[i][c] / weight;
        }
    }
}
