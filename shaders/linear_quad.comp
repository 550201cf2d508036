#version 450
// variant: linear_quad
// variant: linear_quad_f16 -DWEIGHT_F16=1
// variant: linear_quad_bf16 -DWEIGHT_BF16=1
// variant: linear_quad_k4 -DSTEP=1
// variant: linear_quad_k4_f16 -DSTEP=1 -DWEIGHT_F16=1
// variant: linear_quad_k4_bf16 -DSTEP=1 -DWEIGHT_BF16=1
// variant: linear_quad_m8 -DSTEP=1 -DTILE_M=8
// variant: linear_quad_m8_f16 -DSTEP=1 -DTILE_M=8 -DWEIGHT_F16=1
// variant: linear_quad_m8_bf16 -DSTEP=1 -DTILE_M=8 -DWEIGHT_BF16=1
// variant: linear_quad_q8 -DWEIGHT_Q8=1
// variant: linear_quad_k4_q8 -DSTEP=1 -DWEIGHT_Q8=1
// variant: linear_quad_m8_q8 -DSTEP=1 -DTILE_M=8 -DWEIGHT_Q8=1
// variant: linear_quad_q4 -DWEIGHT_Q4=1
// variant: linear_quad_k4_q4 -DSTEP=1 -DWEIGHT_Q4=1
// variant: linear_quad_m8_q4 -DSTEP=1 -DTILE_M=8 -DWEIGHT_Q4=1
//
// C = epilogue(A·W + bias), for CPU drivers of subgroup size 4 (SwiftShader).
//
// Its compiler keeps few values in registers and charges dearly for three
// things, which shape this kernel:
//   - a storage-buffer load: branches on whether the lanes' addresses are equal
//     or sequential; so the operands are texels, four floats a lane and fetch;
//   - a broadcast: some 25 instructions; a quad swap is one. So no row is handed
//     round: lane l fetches row l of a group of four, and three swaps, one after
//     the other, show it the other three;
//   - a value carried round a loop: 15 instructions; so 8 k at a time, or 4 where the
//     code of a turn, 45 KB then, would not fit into the first cache.
// Chains of multiply-add over the 8 k, one sum at a time, keep the sum in a register.
// See README.md for the contract.

#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_shader_subgroup_quad : require
#define EPILOGUE_PUSHED 1
#define HALVES_BY_HAND 1
#include "include/activation.glsl"
#include "include/linear.glsl"

#ifndef TILE_M
#define TILE_M 16
#endif
const int TILE_N = 32;                // a panel: the weights come as one stream
const int SHIFT = 3;                  // 1 << SHIFT columns a lane
const int COLUMNS = 1 << SHIFT;       // (division would be done lane by lane)
#ifndef STEP
#define STEP 2                        // of 4 k
#endif

layout(local_size_x = 4) in;

layout(binding = 0) uniform textureBuffer A;   // RGBA32F [M, lda/4]
#include "include/weight_texels.glsl"
layout(std430, binding = 2) readonly buffer BiasBuffer { float bias[]; };
layout(std430, binding = 3) readonly buffer ResidualBuffer { float residual[]; };
layout(std430, binding = 4) writeonly buffer OutBuffer { float C[]; };

// Row and column in C of sum[i][j]: the turns 0 to 3 show lane l the rows of
// the lanes l, l^1, l^3, l^2.
uvec2 place(int i, int j, int lane) {
    int turn = i & 3;
    return uvec2(pc.row0 + gl_WorkGroupID.x * TILE_M + (i - turn) + (lane ^ turn ^ (turn >> 1)),
                 pc.column0 + gl_WorkGroupID.y * TILE_N + lane * COLUMNS + j);
}

// The next turn of a value; which one is known when the loops are unrolled.
vec4 turned(vec4 v, int turn) {
    if (turn == 1 || turn == 3) return subgroupQuadSwapHorizontal(v);
    if (turn == 2) return subgroupQuadSwapVertical(v);
    return v;
}

void main() {
    int lane = int(gl_LocalInvocationIndex);
    int tile = int(gl_WorkGroupID.y);

    float sum[TILE_M][COLUMNS];
    [[unroll]] for (int i = 0; i < TILE_M; i++)
        [[unroll]] for (int j = 0; j < COLUMNS; j++) sum[i][j] = 0.0;

    int stride = int(pc.lda / 4);
    int a0[TILE_M / 4];
    [[unroll]] for (int g = 0; g < TILE_M / 4; g++)
        a0[g] = min(int(gl_WorkGroupID.x) * TILE_M + g * 4 + lane, int(pc.M - pc.row0) - 1) * stride;
    int w = tile * panelTexels(int(pc.K));
    int steps = int(pc.K / 4);
    for (int k = 0; k < steps; k += STEP) {
        vec4 b[STEP][2][4];
        [[unroll]] for (int u = 0; u < STEP; u++) FETCH_WEIGHTS(b[u], w, lane, k + u)
        [[unroll]] for (int g = 0; g < TILE_M; g += 4) {
            vec4 a[STEP];
            [[unroll]] for (int u = 0; u < STEP; u++) a[u] = texelFetch(A, a0[g / 4] + k + u);
            // Swapped only when wanted: eight values in registers instead of 32 in memory.
            [[unroll]] for (int d = 0; d < 4; d++) {
                [[unroll]] for (int u = 0; u < STEP; u++) a[u] = turned(a[u], d);
                [[unroll]] for (int j = 0; j < COLUMNS; j++) {
                    float s = sum[g + d][j];
                    [[unroll]] for (int q = 0; q < 4 * STEP; q++) s += b[q / 4][j / 4][q % 4][j % 4] * a[q / 4][q % 4];
                    sum[g + d][j] = s;
                }
            }
        }
    }

    // The epilogue runs in loops over a copy: indexed by a variable it lies in
    // memory, while the sums above stay free of that. A step that is not wanted
    // is a loop of no turns: a branch not taken would be run too, under a mask.
    const int COUNT = TILE_M * COLUMNS;
    float result[COUNT];
    [[unroll]] for (int j = 0; j < COLUMNS; j++) {
        float scale = weightScale(w, lane, j / 4)[j % 4];
        float add = HAS_BIAS ? bias[min(place(0, j, lane).y, pc.N - 1)] : 0.0;
        [[unroll]] for (int i = 0; i < TILE_M; i++) result[i * COLUMNS + j] = sum[i][j] * scale + add;
    }
    // The two that the towers mostly have stand alone: activate(kind, x) of a
    // variable kind runs the code of them all.
    bool gelu = ACTIVATION == ACT_GELU, quick = ACTIVATION == ACT_QUICK_GELU;
    bool other = ACTIVATION != ACT_NONE && !gelu && !quick;
    [[dont_unroll]] for (int i = gelu ? 0 : COUNT; i < COUNT; i++) result[i] = activate(ACT_GELU, result[i]);
    [[dont_unroll]] for (int i = quick ? 0 : COUNT; i < COUNT; i++) result[i] = activate(ACT_QUICK_GELU, result[i]);
    [[dont_unroll]] for (int i = other ? 0 : COUNT; i < COUNT; i++) result[i] = activate(result[i]);
    [[dont_unroll]] for (int i = HAS_RESIDUAL ? 0 : COUNT; i < COUNT; i++) {
        uvec2 at = place(i >> SHIFT, i & (COLUMNS - 1), lane);
        if (at.x < pc.M && at.y < pc.N) result[i] += residual[at.x * pc.ldr + at.y];
    }
    [[dont_unroll]] for (int i = 0; i < COUNT; i++) {
        uvec2 at = place(i >> SHIFT, i & (COLUMNS - 1), lane);
        if (at.x < pc.M && at.y < pc.N) C[at.x * pc.ldc + at.y] = result[i];
    }
}
