#version 450
// variant: linear
// variant: linear_f16 -DWEIGHT_F16=1
// variant: linear_bf16 -DWEIGHT_BF16=1
// variant: linear_q8 -DWEIGHT_Q8=1
// variant: linear_q4 -DWEIGHT_Q4=1
//
// C = epilogue(A·W + bias): any sizes, any device with Vulkan 1.1.
//
// Tiles of 64 rows by 64 columns, 16 k at a time through shared memory. 128
// invocations: 16 across by 8 down, each with 8 rows by 4 neighbouring columns.
// A lies transposed in shared memory, so that an invocation's 8 rows are two
// vec4 loads, the same for the 16 invocations beside it.
// See README.md for the contract.

#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#include "include/activation.glsl"
#include "include/linear.glsl"

const uint TILE_M = 64;
const uint TILE_N = 64;
const uint TILE_K = 16;
const uint INVOCATIONS = 128;

layout(local_size_x = INVOCATIONS) in;

layout(std430, binding = 0) readonly buffer InBuffer { float A[]; };
#include "include/weight_buffer.glsl"
layout(std430, binding = 2) readonly buffer BiasBuffer { float bias[]; };
layout(std430, binding = 3) readonly buffer ResidualBuffer { float residual[]; };
layout(std430, binding = 4) writeonly buffer OutBuffer { float C[]; };

// One vec4 more a row than needed: stores of a column would else all fall into one bank.
const uint ASTRIDE = TILE_M / 4 + 1;
shared vec4 at[TILE_K * ASTRIDE];        // [k][row/4]
shared vec4 wt[TILE_K * TILE_N / 4];     // [k][column/4]

void main() {
    uint id = gl_LocalInvocationIndex;
    uint x = id % 16, y = id / 16;
    uint row = gl_WorkGroupID.x * TILE_M;            // in A
    uint rows = min(pc.M - pc.row0 - row, TILE_M);

    vec4 sum[8];
    [[unroll]] for (int i = 0; i < 8; i++) sum[i] = vec4(0);

    uint last = (pc.N - pc.column0 - 1) / PANEL;    // a panel past N is another read of the last
    for (uint k = 0; k < pc.K; k += TILE_K) {
        // 16 neighbouring invocations read 16 neighbouring k of one row.
        [[unroll]] for (uint i = 0; i < TILE_M * TILE_K / INVOCATIONS; i++) {
            uint r = id / TILE_K + i * (INVOCATIONS / TILE_K);
            uint q = id % TILE_K;
            float v = 0.0;
            if (r < rows && k + q < pc.K) v = A[(row + r) * pc.lda + k + q];
            at[q * ASTRIDE + r / 4][r % 4] = v;
        }
        [[unroll]] for (uint i = 0; i < TILE_K * TILE_N / 4 / INVOCATIONS; i++) {
            uint e = id + i * INVOCATIONS;
            uint q = k + e / (TILE_N / 4), c = gl_WorkGroupID.y * (TILE_N / 4) + e % (TILE_N / 4);
            wt[e] = q < pc.K ? weight(min(c / ROW, last), q, c % ROW) : vec4(0);
        }
        barrier();
        [[unroll]] for (uint q = 0; q < TILE_K; q++) {
            vec4 b = wt[q * (TILE_N / 4) + x];
            vec4 a0 = at[q * ASTRIDE + y * 2];
            vec4 a1 = at[q * ASTRIDE + y * 2 + 1];
            [[unroll]] for (int i = 0; i < 4; i++) {
                sum[i] += a0[i] * b;
                sum[4 + i] += a1[i] * b;
            }
        }
        barrier();
    }

    uint column = pc.column0 + gl_WorkGroupID.y * TILE_N + x * 4;
    uint group = gl_WorkGroupID.y * (TILE_N / 4) + x;
    vec4 scale = weightScale(min(group / ROW, last), group % ROW);
    // Rows move up one place each turn: the activation's code stands here once.
    for (uint i = 0; i < 8; i++) {
        uint r = pc.row0 + row + y * 8 + i;
        if (r < pc.M) {
            [[unroll]] for (uint j = 0; j < 4; j++) {
                uint c = column + j;
                if (c < pc.N) {
                    float v = sum[0][j] * scale[j];
                    if (HAS_BIAS) v += bias[c];
                    v = activate(v);
                    if (HAS_RESIDUAL) v += residual[r * pc.ldr + c];
                    C[r * pc.ldc + c] = v;
                }
            }
        }
        [[unroll]] for (int s = 0; s < 7; s++) sum[s] = sum[s + 1];
    }
}
