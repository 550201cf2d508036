#version 450
// variant: linear_texel
// variant: linear_texel_k4 -DSTEP=1
// variant: linear_texel_m8 -DTILE_M=8
// variant: linear_texel_wide -DPAIRS=2 -DSTEP=1
// variant: linear_texel_f16 -DWEIGHT_F16=1
// variant: linear_texel_bf16 -DWEIGHT_BF16=1
// variant: linear_texel_k4_f16 -DSTEP=1 -DWEIGHT_F16=1
// variant: linear_texel_k4_bf16 -DSTEP=1 -DWEIGHT_BF16=1
// variant: linear_texel_m8_f16 -DTILE_M=8 -DWEIGHT_F16=1
// variant: linear_texel_m8_bf16 -DTILE_M=8 -DWEIGHT_BF16=1
// variant: linear_texel_wide_f16 -DPAIRS=2 -DSTEP=1 -DWEIGHT_F16=1
// variant: linear_texel_wide_bf16 -DPAIRS=2 -DSTEP=1 -DWEIGHT_BF16=1
// variant: linear_texel_q8 -DWEIGHT_Q8=1
// variant: linear_texel_k4_q8 -DSTEP=1 -DWEIGHT_Q8=1
// variant: linear_texel_m8_q8 -DTILE_M=8 -DWEIGHT_Q8=1
// variant: linear_texel_wide_q8 -DPAIRS=2 -DSTEP=1 -DWEIGHT_Q8=1
// variant: linear_texel_q4 -DWEIGHT_Q4=1
// variant: linear_texel_k4_q4 -DSTEP=1 -DWEIGHT_Q4=1
// variant: linear_texel_m8_q4 -DTILE_M=8 -DWEIGHT_Q4=1
//
// C = epilogue(A·W + bias), for CPU drivers of subgroup size 8 (lavapipe).
//
// There a load from a storage buffer at an address that differs by lane is a
// loop over the lanes, while a texel fetch is straight vector code. So both
// operands come as texels; a subgroup is a workgroup and owns TILE_M rows by
// PAIRS pairs of panels of columns, 8 of a panel of each pair a lane; each lane fetches the next k of "its" row
// and the row is passed round by shuffles with a constant index. A sum carried round the
// loop is loaded, blended and stored, so there are 4·STEP k a turn; more, or wider
// tiles as well, and the loop's code does not fit into the first cache.
// See README.md for the contract.

#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_shader_subgroup_shuffle : require
#include "include/activation.glsl"
#include "include/linear.glsl"

#ifndef TILE_M
#define TILE_M 16
#endif

#ifndef PAIRS
#define PAIRS 1
#endif

#ifndef STEP
#define STEP 2        // of 4 k
#endif

const int LANES = 8;
const int PAIR = 2 * PANEL;           // columns: 8 a lane

layout(local_size_x = LANES) in;

layout(binding = 0) uniform textureBuffer A;   // RGBA32F [M, lda/4]
#include "include/weight_texels.glsl"
layout(std430, binding = 2) readonly buffer BiasBuffer { vec4 bias[]; };
layout(std430, binding = 3) readonly buffer ResidualBuffer { vec4 residual[]; };
layout(std430, binding = 4) writeonly buffer OutBuffer { vec4 C[]; };

void main() {
    int lane = int(gl_SubgroupInvocationID);
    uint row = pc.row0 + gl_WorkGroupID.x * TILE_M;
    uint column = pc.column0 + gl_WorkGroupID.y * (PAIRS * PAIR) + uint(lane) * 8;

    vec4 sum[TILE_M][2 * PAIRS];      // two of each pair: columns + j / 2 * PAIR + j % 2 * 4
    [[unroll]] for (int i = 0; i < TILE_M; i++)
        [[unroll]] for (int j = 0; j < 2 * PAIRS; j++) sum[i][j] = vec4(0);

    int stride = int(pc.lda / 4);
    int a0[TILE_M / LANES];
    [[unroll]] for (int i = 0; i < TILE_M / LANES; i++)
        a0[i] = min(int(gl_WorkGroupID.x) * TILE_M + i * LANES + lane, int(pc.M - pc.row0) - 1) * stride;
    int w[PAIRS];                     // a panel past N is another read of the last
    [[unroll]] for (int p = 0; p < PAIRS; p++)
        w[p] = int(min((gl_WorkGroupID.y * PAIRS + p) * 2 + lane / 4, (pc.N - pc.column0 - 1) / PANEL)) * panelTexels(int(pc.K));
    int steps = int(pc.K / 4);
    for (int k = 0; k < steps; k += STEP) {
        vec4 a[STEP][TILE_M / LANES];
        vec4 b[STEP][PAIRS][2][4];
        [[unroll]] for (int u = 0; u < STEP; u++) {
            [[unroll]] for (int i = 0; i < TILE_M / LANES; i++) a[u][i] = texelFetch(A, a0[i] + k + u);
            [[unroll]] for (int p = 0; p < PAIRS; p++) FETCH_WEIGHTS(b[u][p], w[p], lane & 3, k + u)
        }
        [[unroll]] for (int i = 0; i < TILE_M; i++) {
            vec4 s[STEP];
            [[unroll]] for (int u = 0; u < STEP; u++) s[u] = subgroupShuffle(a[u][i / LANES], i % LANES);
            [[unroll]] for (int j = 0; j < 2 * PAIRS; j++)
                [[unroll]] for (int u = 0; u < STEP; u++)
                    sum[i][j] += (s[u].x * b[u][j / 2][j % 2][0] + s[u].y * b[u][j / 2][j % 2][1]) + (s[u].z * b[u][j / 2][j % 2][2] + s[u].w * b[u][j / 2][j % 2][3]);
        }
    }

    vec4 first[2 * PAIRS], scale[2 * PAIRS];
    [[unroll]] for (int j = 0; j < 2 * PAIRS; j++) {
        uint c = column + j / 2 * PAIR + j % 2 * 4;
        scale[j] = weightScale(w[j / 2], lane & 3, j % 2);
        first[j] = HAS_BIAS && c < pc.N ? bias[c / 4] : vec4(0);
    }
    // One row at a time, then every row moves up one place: the code of the
    // activation stands here once and no array is indexed by a variable.
    for (uint r = row; r < min(row + TILE_M, pc.M); r++) {
        [[unroll]] for (int j = 0; j < 2 * PAIRS; j++) {
            uint c = column + j / 2 * PAIR + j % 2 * 4;
            vec4 v = activate(sum[0][j] * scale[j] + first[j]);
            if (c < pc.N) {
                if (HAS_RESIDUAL) v += residual[(r * pc.ldr + c) / 4];
                C[(r * pc.ldc + c) / 4] = v;
            }
        }
        [[unroll]] for (int i = 0; i + 1 < TILE_M; i++)
            [[unroll]] for (int j = 0; j < 2 * PAIRS; j++) sum[i][j] = sum[i + 1][j];
    }
}
